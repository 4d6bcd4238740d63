// The reference engine: a float64 interpreter, node by node. It is the oracle of the other engines, and fast enough to
// fit with.

import { ice } from "../base/ice.ts";
import type { Axis, Graph } from "../ir/node.ts";
import { constantCache, partsOf, type ConstantCache } from "./data-only.ts";
import type { Engine } from "./engine.ts";
import { kept } from "./kept.ts";
import type { Sizes } from "./reference/cell.ts";
import { planOf, runPlan, type Plan } from "./reference/plan.ts";

export const reference: Engine = {
  name: "reference",
  load: (graph, data) => {
    const constants = constantCache(graph, data);
    const names = Object.keys(graph.outputs);
    const planFor = kept<Plan>((outputs, batched, sizes) => prepare(graph, outputs, batched, sizes, constants));
    return { run: (inputs, outputs = names) => runPlan(planFor(inputs, outputs), inputs) };
  },
};

function prepare(
  graph: Graph,
  names: readonly string[],
  batched: readonly Axis[],
  sizes: Sizes,
  constants: ConstantCache,
): Plan {
  const outputs = Object.fromEntries(
    names.map((name) => [name, graph.outputs[name] ?? ice(`the graph has no output ${name}`)]),
  );
  const { varying, known } = partsOf(Object.values(outputs), batched);
  return planOf(varying, outputs, sizes, new Map(known.map((node) => [node, constants(node, sizes)])));
}
