// The WebAssembly engine: a graph at given sizes becomes one module with a static memory plan. What depends on data alone is computed once.

import { ice } from "../base/ice.ts";
import type { Axis, Graph } from "../ir/node.ts";
import { constantCache, type ConstantCache } from "./data-only.ts";
import type { Engine, Executable } from "./engine.ts";
import { kept } from "./kept.ts";
import type { Sizes } from "./reference/cell.ts";
import { executable } from "./wasm/executable.ts";
import { lower } from "./wasm/lower.ts";
import { simplest } from "./wasm/simplest.ts";

export const wasm: Engine = {
  name: "wasm",
  load: (graph, data) => {
    const simple = simplestGraph(graph);
    const constants = constantCache(simple, data);
    const names = Object.keys(graph.outputs);
    const moduleFor = kept<Executable>((outputs, batched, sizes) => build(simple, outputs, batched, sizes, constants));
    return { run: (inputs, outputs = names) => moduleFor(inputs, outputs).run(inputs) };
  },
};

function simplestGraph({ outputs }: Graph): Graph {
  const names = Object.keys(outputs);
  const roots = simplest(Object.values(outputs));
  return { outputs: Object.fromEntries(names.map((name, i) => [name, roots[i]!])) };
}

function build(
  graph: Graph,
  names: readonly string[],
  batched: readonly Axis[],
  sizes: Sizes,
  constants: ConstantCache,
): Executable {
  const outputs = names.map((name) => graph.outputs[name] ?? ice(`the graph has no output ${name}`));
  return executable(
    names.map((name, i) => ({ name, node: outputs[i]! })),
    lower(outputs, batched, sizes),
    sizes,
    constants,
  );
}
