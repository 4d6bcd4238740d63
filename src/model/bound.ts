// A model with its data: every size a number, every array checked against its declaration.

import type { Expr, Model } from "./model.ts";

/** Row-major values. `real`, `int`; `bool` as 0 and 1; `index(D)` counted from 0, whatever the file counts from.
 *  `missing[i]` is 1 where entry i of an optional array was not given; its value is NaN. */
export type DataArray = {
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly missing: Uint8Array | null;
};

/** What is known while the data is read, dim by dim and array by array. */
export type Known = {
  readonly sizes: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, DataArray>>;
};

export type Bound = Known & {
  readonly model: Model;
  /** Names of the members of a dim, where the data gave them as strings. */
  readonly levels: Readonly<Record<string, readonly string[]>>;
  /** Sizes and values only stand in for data that was not given (`explain` without data). */
  readonly placeholder: boolean;
};

/** The value of an expression of data: defaults, sizes, bounds. `index` values count from 0. */
export type EvaluateData = (
  expr: Expr,
  known: Known,
) => { readonly shape: readonly number[]; readonly values: Float64Array };
