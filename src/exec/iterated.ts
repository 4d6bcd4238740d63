// Many steps as a loop over one: what an engine does whose steps cannot stay inside, and the oracle of the one whose can.

import type { Executable, Inputs, IterationInputs } from "./engine.ts";

/** `iterate` in terms of `run`. */
export const iterated =
  (run: Executable["run"]): Executable["iterate"] =>
  (inputs, { carry, record }, steps) => {
    const carried = Object.entries(carry);
    const outputs = [...new Set([...carried.map(([, output]) => output), ...record])];
    const records = Object.fromEntries(record.map((name) => [name, new Float64Array(steps)]));
    let params = Object.fromEntries(carried.map(([leaf]) => [leaf, inputs.params[leaf]!]));
    for (let i = 0; i < steps; i++) {
      const at = atStep(inputs, inputs.step + i);
      const out = run({ ...at, params: { ...inputs.params, ...params } }, outputs);
      params = Object.fromEntries(carried.map(([leaf, output]) => [leaf, out[output]!.values]));
      for (const name of record) records[name]![i] = out[name]!.values[0]!;
    }
    return { params, records };
  };

/** The inputs of one step. */
export function atStep({ members, ...inputs }: IterationInputs, step: number): Inputs {
  return { ...inputs, step, ...(members === undefined ? {} : { members: members(step) }) };
}
