// The reference engine: a float64 interpreter, node by node. It is the oracle of the other engines, and fast enough to
// fit with.

import { ice } from "../base/ice.ts";
import type { Graph } from "../ir/node.ts";
import { constantCache, partsOf, type ConstantCache } from "./data-only.ts";
import type { Engine, Executable } from "./engine.ts";
import { iterated } from "./iterated.ts";
import { kept, type Frame } from "./kept.ts";
import { planOf, runPlan, type Plan } from "./reference/plan.ts";

export const reference: Engine = {
  name: "reference",
  inDouble: () => reference,
  threads: () => 1,
  end: () => {},
  precision: "f64",
  load: (graph, data) => {
    const constants = constantCache(graph, data);
    const names = Object.keys(graph.outputs);
    const planFor = kept<Plan>((frame) => prepare(graph, frame, constants));
    const run: Executable["run"] = (inputs, outputs = names) => runPlan(planFor(inputs, outputs), inputs);
    return { run, iterate: iterated(run) };
  },
};

function prepare(graph: Graph, { outputs: names, batched, sizes }: Frame, constants: ConstantCache): Plan {
  const outputs = Object.fromEntries(
    names.map((name) => [name, graph.outputs[name] ?? ice(`the graph has no output ${name}`)]),
  );
  const { varying, known } = partsOf(Object.values(outputs), batched);
  return planOf(varying, outputs, sizes, new Map(known.map((node) => [node, constants(node, sizes)])));
}
