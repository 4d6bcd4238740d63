// Many steps as a loop over one: what an engine does whose steps cannot stay inside, and the oracle of the one whose can.

import { ice } from "../base/ice.ts";
import type { Executable, Inputs, Iteration, IterationInputs } from "./engine.ts";
import { subsets } from "./random.ts";

/** `iterate` in terms of `run`. */
export const iterated =
  (run: Executable["run"]): Executable["iterate"] =>
  (inputs, { carry, record, batches }, steps) => {
    const carried = Object.entries(carry);
    const outputs = [...new Set([...carried.map(([, output]) => output), ...record])];
    const records = Object.fromEntries(record.map((name) => [name, new Float64Array(steps)]));
    const members = membersOf(inputs, batches);
    let params = Object.fromEntries(carried.map(([leaf]) => [leaf, inputs.params[leaf]!]));
    for (let i = 0; i < steps; i++) {
      const step = inputs.step + i;
      const out = run({ ...inputs, step, ...members(step), params: { ...inputs.params, ...params } }, outputs);
      params = Object.fromEntries(carried.map(([leaf, output]) => [leaf, out[output]!.values]));
      for (const name of record) records[name]![i] = out[name]!.values[0]!;
    }
    return { params, records };
  };

function membersOf(
  { sizes, fullSizes, seed }: IterationInputs,
  batches: Iteration["batches"],
): (step: number) => Pick<Inputs, "members"> {
  if (batches === undefined) return () => ({});
  const drawn = Object.entries(batches).map(([axis, site]) => {
    const count = fullSizes?.[axis] ?? ice(`the run gives no full size of ${axis}`);
    return [axis, subsets(count, sizes[axis]!, { seed, site })] as const;
  });
  return (step) => ({ members: Object.fromEntries(drawn.map(([axis, subset]) => [axis, subset(step)])) });
}
