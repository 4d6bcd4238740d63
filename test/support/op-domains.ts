// Where each pointwise op is tested: one range per argument, and what has no second derivative.

import type { Axis } from "../../src/ir/node.ts";
import type { Range } from "./run-graph.ts";

const R: Range = [-2, 2];
const POSITIVE: Range = [0.3, 3];
const UNIT: Range = [-0.9, 0.9];
const TRUTH: Range = [0.1, 0.9];

/** One range per argument, away from kinks and poles. */
export const domains: Readonly<Record<string, readonly Range[]>> = {
  neg: [R],
  add: [R, R],
  sub: [R, R],
  mul: [R, R],
  div: [R, POSITIVE],
  square: [R],
  sqrt: [POSITIVE],
  sign: [POSITIVE],
  abs: [[-3, -0.2]],
  floor: [[1.1, 1.9]],
  ceil: [[1.1, 1.9]],
  trunc: [[-1.9, -1.1]],
  round: [[0.6, 1.4]],
  mod: [
    [5.1, 5.9],
    [2.05, 2.4],
  ],
  less: [
    [0, 1],
    [1.1, 2],
  ],
  lessEqual: [
    [0, 1],
    [1.1, 2],
  ],
  equal: [
    [0, 1],
    [1.1, 2],
  ],
  and: [TRUTH, TRUTH],
  or: [TRUTH, TRUTH],
  not: [TRUTH],
  isFinite: [R],
  select: [TRUTH, R, R],
  branch: [TRUTH, R, R],
  minimum: [
    [0, 1],
    [1.1, 2],
  ],
  maximum: [
    [0, 1],
    [1.1, 2],
  ],
  exp: [R],
  expWeight: [R],
  expExponent: [[0.8, 1]],
  expMantissa: [[0.8, 1]],
  farExponent: [[7e7, 9e7]],
  nearOne: [[7e7, 9e7]],
  timesPowerOf2: [R, [3, 3]],
  log: [POSITIVE],
  expm1: [R],
  log1p: [[-0.5, 2]],
  pow: [POSITIVE, R],
  sigmoid: [[-4, 4]],
  softplus: [[-4, 4]],
  logSigmoid: [[-4, 4]],
  log1mExp: [[-4, -0.3]],
  xlogy: [POSITIVE, POSITIVE],
  sinh: [R],
  cosh: [R],
  tanh: [R],
  asinh: [R],
  acosh: [[1.3, 3]],
  atanh: [UNIT],
  sin: [R],
  cos: [R],
  tan: [[-1, 1]],
  asin: [UNIT],
  acos: [UNIT],
  atan: [R],
  atan2: [R, POSITIVE],
  lgamma: [POSITIVE],
  digamma: [POSITIVE],
  trigamma: [POSITIVE],
  polygamma: [[2, 2], POSITIVE],
  besselI: [[2, 2], R],
  logBesselI0e: [POSITIVE],
  besselGap: [POSITIVE],
  logGammaP: [POSITIVE, POSITIVE],
  logGammaQ: [POSITIVE, POSITIVE],
  gammaSlope: [POSITIVE, R],
  gammaSlopeByShape: [POSITIVE, R],
  logBetaCdf: [POSITIVE, POSITIVE, R],
  betaSlope: [POSITIVE, POSITIVE, R],
  betaSlopeByA: [POSITIVE, POSITIVE, R],
  betaSlopeByB: [POSITIVE, POSITIVE, R],
  logStudentCdf: [POSITIVE, R],
  logBetaBinomialCdf: [[3, 3], [7, 7], POSITIVE, POSITIVE],
  betaBinomialByA: [[3, 3], [7, 7], POSITIVE, POSITIVE],
  betaBinomialByB: [[3, 3], [7, 7], POSITIVE, POSITIVE],
  logVonMisesArc: [POSITIVE, R, POSITIVE],
  vonMisesSlope: [R, POSITIVE],
  vonMisesSlopeByConcentration: [R, POSITIVE],
  erf: [R],
  erfc: [R],
  normalCdf: [R],
  logNormalCdf: [[-6, 2]],
  normalQuantile: [[0.05, 0.95]],
};

/** Arguments that are whole numbers, by position: nothing to differentiate by. */
export const WHOLE: Readonly<Record<string, readonly number[]>> = {
  polygamma: [0],
  timesPowerOf2: [1],
  besselI: [0],
  logBetaBinomialCdf: [0, 1],
  betaBinomialByA: [0, 1],
  betaBinomialByB: [0, 1],
};

/** How many derivatives of an op are compared, where it is not two; the reason. */
export const FEWER_DERIVATIVES: Readonly<Record<string, { readonly derivatives: 0 | 1; readonly reason: string }>> = {
  logBetaBinomialCdf: { derivatives: 1, reason: "its second derivatives are not in the table" },
  betaBinomialByA: { derivatives: 0, reason: "its derivatives are not in the table" },
  betaBinomialByB: { derivatives: 0, reason: "its derivatives are not in the table" },
  gammaSlopeByShape: { derivatives: 0, reason: "it is a difference" },
  betaSlopeByA: { derivatives: 0, reason: "it is a difference" },
  betaSlopeByB: { derivatives: 0, reason: "it is a difference" },
  vonMisesSlopeByConcentration: { derivatives: 0, reason: "it is a difference" },
  gammaSlope: { derivatives: 1, reason: "its derivative in the shape is a difference" },
  betaSlope: { derivatives: 1, reason: "its derivatives in a and b are differences" },
  vonMisesSlope: { derivatives: 1, reason: "its derivative in the concentration is a difference" },
};

/** How the arguments of a pointwise op may lie to each other; the letters are [axes, event shape]. */
export const layouts: readonly (readonly (readonly [readonly Axis[], readonly number[]])[])[] = [
  [
    [[], []],
    [[], []],
    [[], []],
  ],
  [
    [["J"], [2]],
    [["J"], [2]],
    [["J"], [2]],
  ],
  [
    [
      ["J", "K"],
      [2, 3],
    ],
    [["J"], []],
    [["K"], [2, 3]],
  ],
  [
    [[], []],
    [["J"], [3]],
    [["K"], []],
  ],
  [
    [["J"], []],
    [["K"], []],
    [["J", "K"], []],
  ],
  [
    [["K"], []],
    [[], [2]],
    [[], []],
  ],
];
