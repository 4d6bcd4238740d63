// Special functions of plain float64 numbers: the oracle of the reference engine, and constants for other engines.

export { digamma, lgamma, trigamma } from "./gamma.ts";
export { erf, erfc, logNormalCdf, normalCdf, normalQuantile } from "./normal.ts";
export { log1mExp, log1pExp } from "./logarithm.ts";
