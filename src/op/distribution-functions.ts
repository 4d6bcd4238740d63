// Distribution functions in logarithms, and slopes: how fast a quantile moves with a parameter. Slopes give both the
// distribution functions' derivatives in their parameters, ∂F = -p slope, and those of draws (implicit
// reparameterisation: Figurnov, Mohamed, Mnih 2018). Numerics: src/op/special.

import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";
import { add, div, mul, neg, square, sub } from "./arithmetic.ts";
import { binary, quaternary, ternary, type Binary, type Quaternary, type Ternary } from "./build.ts";
import { logBeta, logStudentDensity, logVonMisesDensity } from "./compound.ts";
import { exp, log, logSigmoid, sigmoid } from "./exponential.ts";
import { scalar } from "./leaf.ts";
import { maximum } from "./logic.ts";
import { besselGap, digamma, lgamma } from "./special-functions.ts";
import * as special from "./special/index.ts";
import { cos, sin } from "./trigonometry.ts";

/** Derivatives of slopes in parameters are differences, and end there, as sums of probabilities do. */
const noFurther = (): never => ice("third derivatives of distribution functions are not in the op table");

/** Below it log x is that of it: at 0 the derivative is a limit, not 0 times infinity. */
const LEAST = scalar(1e-300);

// ---------------------------------------------------------------------------------------- Gamma

/** x^a e^-x / Γ(a), the density of log X, over a probability e^y. */
const gammaRatio = (a: Node, x: Node, y: Node): Node =>
  exp(sub(sub(sub(mul(a, log(maximum(x, LEAST))), x), lgamma(a)), y));

const slopeAt = (a: Node, x: Node): Node => gammaSlope(a, log(maximum(x, LEAST)));

export const logGammaP: Binary = binary({
  name: "logGammaP",
  doc: "log P(X <= x), X ~ Gamma(a, 1)",
  scalar: special.logGammaP,
  grad: (ct, a, x, y) => {
    const flow = mul(ct, gammaRatio(a, x, y));
    return [neg(mul(flow, slopeAt(a, x))), div(flow, x)];
  },
});

export const logGammaQ: Binary = binary({
  name: "logGammaQ",
  doc: "log P(X > x), X ~ Gamma(a, 1)",
  scalar: special.logGammaQ,
  grad: (ct, a, x, y) => {
    const flow = mul(ct, gammaRatio(a, x, y));
    return [mul(flow, slopeAt(a, x)), neg(div(flow, x))];
  },
});

/** In log z: -(a - z) slope - (log z - ψ(a)), the transport equation. */
export const gammaSlope: Binary = binary({
  name: "gammaSlope",
  doc: "d log z / da of a Gamma(a, 1) value z at a fixed probability, from a and log z",
  scalar: special.gammaSlope,
  grad: (ct, a, logZ, slope) => [
    mul(ct, gammaSlopeByShape(a, logZ)),
    mul(ct, sub(sub(digamma(a), logZ), mul(sub(a, exp(logZ)), slope))),
  ],
});

export const gammaSlopeByShape: Binary = binary({
  name: "gammaSlopeByShape",
  doc: "derivative of gammaSlope in a, by differences",
  scalar: (a, logZ) => special.differenceAt((v) => special.gammaSlope(v, logZ), a),
  grad: noFurther,
});

// ---------------------------------------------------------------------------------------- Beta

/** a log x + b log(1 - x) - log B(a, b), the density of u. */
const logBetaDensity = (a: Node, b: Node, u: Node): Node =>
  sub(add(mul(a, logSigmoid(u)), mul(b, logSigmoid(neg(u)))), logBeta(a, b));

export const logBetaCdf: Ternary = ternary({
  name: "logBetaCdf",
  doc: "log P(X <= x), X ~ Beta(a, b), at u = log(x / (1 - x))",
  scalar: special.logBetaCdf,
  grad: (ct, a, b, u, y) => {
    const flow = mul(ct, exp(sub(logBetaDensity(a, b, u), y)));
    return [neg(mul(flow, betaSlope(a, b, u))), mul(flow, betaSlope(b, a, neg(u))), flow];
  },
});

/** In u: -(a (1 - x) - b x) slope - (log x - ψ(a) + ψ(a + b)), the transport equation. */
export const betaSlope: Ternary = ternary({
  name: "betaSlope",
  doc: "du/da of u = log(x / (1 - x)), x a Beta(a, b) value, at a fixed probability",
  scalar: special.betaSlope,
  grad: (ct, a, b, u, slope) => {
    const pull = sub(mul(a, sigmoid(neg(u))), mul(b, sigmoid(u)));
    const score = add(sub(logSigmoid(u), digamma(a)), digamma(add(a, b)));
    const byU = neg(add(mul(pull, slope), score));
    return [mul(ct, betaSlopeByA(a, b, u)), mul(ct, betaSlopeByB(a, b, u)), mul(ct, byU)];
  },
});

export const betaSlopeByA: Ternary = ternary({
  name: "betaSlopeByA",
  doc: "derivative of betaSlope in a, by differences",
  scalar: (a, b, u) => special.differenceAt((v) => special.betaSlope(v, b, u), a),
  grad: noFurther,
});

export const betaSlopeByB: Ternary = ternary({
  name: "betaSlopeByB",
  doc: "derivative of betaSlope in b, by differences",
  scalar: (a, b, u) => special.differenceAt((v) => special.betaSlope(a, v, u), b),
  grad: noFurther,
});

// ---------------------------------------------------------------------------------------- Student's t

/** dt/d(df) at a fixed probability: df / (df + t²) is Beta(df/2, 1/2), so 2 t'/t = 1/df - slope / 2,
 *  the slope that of the Beta at u = log(df / t²). */
function studentSlope(df: Node, t: Node): Node {
  const half = scalar(0.5);
  const u = sub(log(df), log(maximum(square(t), LEAST)));
  const change = sub(div(scalar(1), df), mul(half, betaSlope(mul(half, df), half, u)));
  return mul(mul(half, t), change);
}

export const logStudentCdf: Binary = binary({
  name: "logStudentCdf",
  doc: "log P(T <= t), T Student's t of df degrees of freedom",
  scalar: special.logStudentCdf,
  grad: (ct, df, t, y) => {
    const flow = mul(ct, exp(sub(logStudentDensity(df, t), y)));
    return [neg(mul(flow, studentSlope(df, t))), flow];
  },
});

// ---------------------------------------------------------------------------------------- beta-binomial

export const logBetaBinomialCdf: Quaternary = quaternary({
  name: "logBetaBinomialCdf",
  doc: "log P(X <= x), X ~ BetaBinomial(n, a, b)",
  scalar: special.logBetaBinomialCdf,
  grad: (ct, x, n, a, b) => [null, null, mul(ct, betaBinomialByA(x, n, a, b)), mul(ct, betaBinomialByB(x, n, a, b))],
});

export const betaBinomialByA: Quaternary = quaternary({
  name: "betaBinomialByA",
  doc: "derivative of logBetaBinomialCdf in a",
  scalar: special.betaBinomialByA,
  grad: noFurther,
});

export const betaBinomialByB: Quaternary = quaternary({
  name: "betaBinomialByB",
  doc: "derivative of logBetaBinomialCdf in b",
  scalar: special.betaBinomialByB,
  grad: noFurther,
});

// ---------------------------------------------------------------------------------------- von Mises

/** The two ends move with k, by minus the slopes, and with themselves. */
export const logVonMisesArc: Ternary = ternary({
  name: "logVonMisesArc",
  doc: "log P(start <= Θ <= start + length) on the circle, Θ von Mises(0, k), 0 <= length <= 2π",
  scalar: special.logVonMisesArc,
  grad: (ct, k, start, length, y) => {
    const end = add(start, length);
    const flow = (theta: Node): Node => mul(ct, exp(sub(logVonMisesDensity(k, theta), y)));
    const [atStart, atEnd] = [flow(start), flow(end)];
    const byK = sub(mul(atStart, vonMisesSlope(start, k)), mul(atEnd, vonMisesSlope(end, k)));
    return [byK, sub(atEnd, atStart), atEnd];
  },
});

/** In the angle: k sin θ slope - (cos θ - I_1(k)/I_0(k)), the transport equation. */
export const vonMisesSlope: Binary = binary({
  name: "vonMisesSlope",
  doc: "dθ/dk of a von Mises(0, k) angle θ at a fixed probability",
  scalar: special.vonMisesSlope,
  grad: (ct, theta, k, slope) => {
    const ratio = sub(scalar(1), besselGap(k));
    const byAngle = sub(mul(mul(k, sin(theta)), slope), sub(cos(theta), ratio));
    return [mul(ct, byAngle), mul(ct, vonMisesSlopeByConcentration(theta, k))];
  },
});

export const vonMisesSlopeByConcentration: Binary = binary({
  name: "vonMisesSlopeByConcentration",
  doc: "derivative of vonMisesSlope in k, by differences",
  scalar: (theta, k) => special.differenceAt((v) => special.vonMisesSlope(theta, v), k),
  grad: noFurther,
});

export const distributionFunctionOps = [
  logGammaP,
  logGammaQ,
  gammaSlope,
  gammaSlopeByShape,
  logBetaCdf,
  betaSlope,
  betaSlopeByA,
  betaSlopeByB,
  logStudentCdf,
  logBetaBinomialCdf,
  betaBinomialByA,
  betaBinomialByB,
  logVonMisesArc,
  vonMisesSlope,
  vonMisesSlopeByConcentration,
].map((b) => b.op);
