// The reference engine: a float64 interpreter, node by node. It is the oracle of the other engines, and fast enough to
// fit with.

import { ice } from "../base/ice.ts";
import type { Axis, Graph } from "../ir/node.ts";
import { constantCache, partsOf, type ConstantCache } from "./data-only.ts";
import type { Engine } from "./engine.ts";
import type { Sizes } from "./reference/cell.ts";
import { planOf, runPlan, type Plan } from "./reference/plan.ts";

/** Plans are kept for the last few combinations of sizes and outputs (a fit alternates between one draw and many). */
const PLANS_KEPT = 4;

export const reference: Engine = {
  name: "reference",
  load: (graph, data) => {
    const constants = constantCache(graph, data);
    const plans = new Map<string, Plan>();
    return {
      run: (inputs, outputs = Object.keys(graph.outputs)) => {
        const batched = Object.keys(inputs.members ?? {});
        const key = JSON.stringify([
          outputs,
          batched,
          Object.entries(inputs.sizes).sort(([a], [b]) => (a < b ? -1 : 1)),
        ]);
        const plan = plans.get(key) ?? prepare(graph, outputs, batched, inputs.sizes, constants);
        plans.delete(key);
        plans.set(key, plan);
        if (plans.size > PLANS_KEPT) plans.delete(plans.keys().next().value!);
        return runPlan(plan, inputs);
      },
    };
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
