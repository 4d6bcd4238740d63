// The table of functions (language.md section 6): one row per function and operator.

import { alongs } from "./along.ts";
import { arrays } from "./arrays.ts";
import { matrices } from "./matrix.ts";
import { conversions, internal, operators } from "./operators.ts";
import { reductions } from "./reduction.ts";
import type { BuiltRow, FunctionRow } from "./row.ts";
import { scalars } from "./scalar.ts";
import { specials } from "./special-rows.ts";
import { ice } from "../base/ice.ts";

export const functions: readonly FunctionRow[] = [
  ...operators,
  ...conversions,
  ...internal,
  ...scalars,
  ...reductions,
  ...alongs,
  ...arrays,
  ...matrices,
  ...specials,
];

const byName: ReadonlyMap<string, FunctionRow> = new Map(functions.map((row) => [row.name, row]));

/** The row that a call in a `.ppl` file means: operators and internal rows have no name there. */
export function findFunction(name: string): FunctionRow | null {
  const row = byName.get(name) ?? null;
  return row !== null && "operator" in row && row.operator !== null ? null : row;
}

/** The row behind `fn` of a checked call. */
export function builtRow(fn: string): BuiltRow {
  const row = byName.get(fn);
  return row !== undefined && "build" in row ? row : ice(`no function ${fn}`);
}

/** Names that a reader can call. */
export const functionNames: readonly string[] = functions
  .map((row) => row.name)
  .filter((name) => findFunction(name) !== null);

export { layers } from "./special-rows.ts";
export { isSize, mismatch } from "./row.ts";
export type { BuildCall, BuiltRow, Call, FunctionRow, Operand, Problem, SpecialRow, TypeRule } from "./row.ts";
export { layAlong, spread } from "./elementwise.ts";
