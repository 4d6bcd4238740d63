// Two logarithms that lose their digits when written plainly (Mächler 2012, "Accurately computing log(1 - exp(-|a|))").

import * as math from "./elementary.ts";

/** log(1 - e^x) for x <= 0; NaN for x > 0. The switch at -ln 2 keeps either logarithm away from cancellation. */
export function log1mExp(x: number): number {
  return x > -Math.LN2 ? math.log(-math.expm1(x)) : math.log1p(-math.exp(x));
}

/** log(1 + e^x), the softplus, without overflow. */
export function log1pExp(x: number): number {
  return x > 0 ? x + math.log1p(math.exp(-x)) : math.log1p(math.exp(x));
}
