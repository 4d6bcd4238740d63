// Functions that are right for usual arguments and set right for others, as such: several at once need one test.

import { checkedExponential, checkedWeight } from "./math/exponential.ts";
import type { EmitChecked } from "./math/expression.ts";
import { checkedLog1p, checkedLogarithm } from "./math/logarithm.ts";
import { checkedFarExponent, checkedNearOne } from "./math/scaled.ts";

export const checked: Readonly<Record<string, EmitChecked>> = {
  exp: checkedExponential,
  expWeight: checkedWeight,
  log: checkedLogarithm,
  log1p: checkedLog1p,
  farExponent: checkedFarExponent,
  nearOne: checkedNearOne,
};
