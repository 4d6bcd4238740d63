// The WebAssembly engine: a graph at given sizes becomes one module with a static memory plan. What depends on data alone is computed once.

import { ice } from "../base/ice.ts";
import type { Axis, Graph } from "../ir/node.ts";
import { constantCache, type ConstantCache } from "./data-only.ts";
import type { Engine, Executable } from "./engine.ts";
import type { Sizes } from "./reference/cell.ts";
import { executable } from "./wasm/executable.ts";
import { lower } from "./wasm/lower.ts";
import { simplest } from "./wasm/simplest.ts";

/** Modules are kept for the last few combinations of sizes and outputs. */
const MODULES_KEPT = 4;

export const wasm: Engine = {
  name: "wasm",
  load: (graph, data) => {
    const simple = simplestGraph(graph);
    const constants = constantCache(simple, data);
    const modules = new Map<string, Executable>();
    return {
      run: (inputs, outputs = Object.keys(graph.outputs)) => {
        const batched = Object.keys(inputs.members ?? {});
        const key = JSON.stringify([outputs, batched, Object.entries(inputs.sizes).sort(([a], [b]) => (a < b ? -1 : 1))]);
        const found = modules.get(key) ?? build(simple, outputs, batched, inputs.sizes, constants);
        modules.delete(key);
        modules.set(key, found);
        if (modules.size > MODULES_KEPT) modules.delete(modules.keys().next().value!);
        return found.run(inputs);
      },
    };
  },
};

function simplestGraph({ outputs }: Graph): Graph {
  const names = Object.keys(outputs);
  const roots = simplest(Object.values(outputs));
  return { outputs: Object.fromEntries(names.map((name, i) => [name, roots[i]!])) };
}

function build(graph: Graph, names: readonly string[], batched: readonly Axis[], sizes: Sizes, constants: ConstantCache): Executable {
  const outputs = names.map((name) => graph.outputs[name] ?? ice(`the graph has no output ${name}`));
  return executable(names.map((name, i) => ({ name, node: outputs[i]! })), lower(outputs, batched, sizes), sizes, constants);
}
