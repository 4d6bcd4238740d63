// The elementary functions in plain float64 arithmetic, to be imported as `math` where `Math` would stand: what the
// language leaves to the platform (all but sqrt, abs, roundings, min and max) differs in the last bits between versions
// of V8, and the same seed has to give the same bits everywhere.

export { exp, expm1, log, log1p } from "./elementary/exponential.ts";
export { acosh, asinh, atanh, cosh, sinh, tanh } from "./elementary/hyperbolic.ts";
export { pow } from "./elementary/power.ts";
export { acos, asin, atan, atan2, cos, sin, tan } from "./elementary/trigonometric.ts";
