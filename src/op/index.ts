// The table of ops and their builders.

import type { OpDef } from "../ir/op.ts";
import { arithmeticOps } from "./arithmetic.ts";
import { axisOps } from "./axis.ts";
import { contractOps } from "./contract.ts";
import { controlOps } from "./control.ts";
import { scaledOps } from "./scaled.ts";
import { scanOps } from "./scan.ts";
import { distributionFunctionOps } from "./distribution-functions.ts";
import { exponentialOps } from "./exponential.ts";
import { foldOps } from "./fold.ts";
import { gatherOps } from "./gather.ts";
import { leafOps } from "./leaf.ts";
import { logicOps } from "./logic.ts";
import { matrixOps } from "./matrix.ts";
import { moveOps } from "./move.ts";
import { orderOps } from "./order.ts";
import { randomOps } from "./random.ts";
import { specialOps } from "./special-functions.ts";
import { trigonometryOps } from "./trigonometry.ts";

export { axisSize, constant, data, fill, iota, noise, numberOf, param, scalar } from "./leaf.ts";
export {
  abs,
  add,
  addAll,
  ceil,
  div,
  floor,
  mod,
  mul,
  neg,
  round,
  sign,
  sqrt,
  square,
  sub,
  trunc,
} from "./arithmetic.ts";
export { and, branch, equal, isFinite, less, lessEqual, maximum, minimum, not, or, select } from "./logic.ts";
export {
  acosh,
  asinh,
  atanh,
  cosh,
  exp,
  expWeight,
  expm1,
  log,
  log1mExp,
  log1p,
  logSigmoid,
  pow,
  sigmoid,
  sinh,
  softplus,
  tanh,
  xlogy,
} from "./exponential.ts";
export { acos, asin, atan, atan2, cos, sin, tan } from "./trigonometry.ts";
export {
  besselGap,
  besselI,
  digamma,
  erf,
  erfc,
  lgamma,
  logBesselI0e,
  logNormalCdf,
  normalCdf,
  normalQuantile,
  polygamma,
  trigamma,
} from "./special-functions.ts";
export {
  betaSlope,
  gammaSlope,
  logBetaBinomialCdf,
  logBetaCdf,
  logGammaP,
  logGammaQ,
  logStudentCdf,
  logVonMisesArc,
  vonMisesSlope,
} from "./distribution-functions.ts";
export { all, any, argmax, cumsum, expand, lse, max, min, prod, repeatTo, sum } from "./fold.ts";
export { einsum, pick } from "./contract.ts";
export { concat, moveDim, reshape, slice, transpose } from "./move.ts";
export { gather, scatter } from "./gather.ts";
export { lseAxis, maxAxis, rename, sumAxis, toAxis, toEvent } from "./axis.ts";
export {
  cholesky,
  diagonalOf,
  einsumLast,
  identityLike,
  inverse,
  logDet,
  lowerPart,
  solve,
  solveLower,
  solveUpper,
  transposeLast,
} from "./matrix.ts";
export { order, sorted } from "./order.ts";
export { drawBinomial, drawGamma, drawPoisson, drawVonMises, type Key } from "./random.ts";
export { mark, stop, through } from "./control.ts";
export { logAddExp, logBeta, logChoose, logSoftmax, logStudentDensity, logVonMisesDensity } from "./compound.ts";
export { expExponent, grown, expMantissa, farExponent, LOWEST_EXPONENT, nearOne, timesPowerOf2 } from "./scaled.ts";
export { carryBefore, followed, isFirst, previous, scan } from "./scan.ts";
export { isPlate } from "../ir/shape.ts";

/** Every row. */
export const ops: readonly OpDef[] = [
  ...leafOps,
  ...arithmeticOps,
  ...logicOps,
  ...exponentialOps,
  ...scaledOps,
  ...trigonometryOps,
  ...specialOps,
  ...distributionFunctionOps,
  ...foldOps,
  ...contractOps,
  ...moveOps,
  ...gatherOps,
  ...axisOps,
  ...matrixOps,
  ...orderOps,
  ...randomOps,
  ...controlOps,
  ...scanOps,
];
