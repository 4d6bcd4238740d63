// How a row writes down its scalar parameters.

import type { Param, ParamSupport } from "./dist.ts";

const scalarParam =
  (support: ParamSupport) =>
  (name: string, doc: string): Param => ({ name, rank: 0, support, doc });

export const realParam = scalarParam("real");
export const positiveParam = scalarParam("positive");
export const nonnegativeParam = scalarParam("nonnegative");
export const probabilityParam = scalarParam("unit-interval");
export const countParam = scalarParam("count");
export const intParam = scalarParam("int");
