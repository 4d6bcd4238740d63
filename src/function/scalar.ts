// Elementwise functions of section 6, written so that they stay accurate near the ends of their ranges.

import type { Node } from "../ir/node.ts";
import { int } from "../model/types.ts";
import * as op from "../op/index.ts";
import { arithmetic, elementwise, gives } from "./elementwise.ts";
import type { Pointwise } from "./elementwise.ts";
import type { BuiltRow } from "./row.ts";

type Map1 = (x: Node) => Node;
const { add, mul, neg, scalar, sub } = op;

/** A function of one real. */
const of1 = (name: string, doc: string, apply: Map1, more: Partial<Pointwise> = {}): BuiltRow =>
  elementwise(name, { params: "x", doc, apply: (x) => apply(x!), ...more });
const of2 = (
  name: string,
  params: string,
  doc: string,
  apply: (a: Node, b: Node) => Node,
  more: Partial<Pointwise> = {},
): BuiltRow => elementwise(name, { params, doc, apply: (a, b) => apply(a!, b!), ...more });

const toInt = { gives: gives(int) } as const;
const keepsInt = { gives: arithmetic } as const;

const elementary: readonly BuiltRow[] = [
  of1("abs", "absolute value", op.abs, keepsInt),
  of1("sign", "-1, 0 or 1", op.sign, toInt),
  of1("square", "x²", op.square, keepsInt),
  of1("sqrt", "square root", op.sqrt),
  of1("cbrt", "cube root", (x) => mul(op.sign(x), op.pow(op.abs(x), scalar(1 / 3)))),
  of1("exp", "eˣ", op.exp),
  of1("expm1", "eˣ - 1", op.expm1),
  of1("log", "natural logarithm", op.log),
  of1("log1p", "log(1 + x)", op.log1p),
  of1("log2", "logarithm to base 2", (x) => mul(op.log(x), scalar(Math.LOG2E))),
  of1("log10", "logarithm to base 10", (x) => mul(op.log(x), scalar(Math.LOG10E))),
  of1("sin", "sine", op.sin),
  of1("cos", "cosine", op.cos),
  of1("tan", "tangent", op.tan),
  of1("asin", "inverse sine", op.asin),
  of1("acos", "inverse cosine", op.acos),
  of1("atan", "inverse tangent", op.atan),
  of2("atan2", "y, x", "angle of the point (x, y)", op.atan2),
  of1("sinh", "hyperbolic sine", op.sinh),
  of1("cosh", "hyperbolic cosine", op.cosh),
  of1("tanh", "hyperbolic tangent", op.tanh),
  of1("asinh", "inverse of sinh", op.asinh),
  of1("acosh", "inverse of cosh", op.acosh),
  of1("atanh", "inverse of tanh", op.atanh),
  of1("floor", "rounded down, an int", op.floor, toInt),
  of1("ceil", "rounded up, an int", op.ceil, toInt),
  of1("round", "nearest int", op.round, toInt),
  of1("trunc", "without its fraction, an int", op.trunc, toInt),
  elementwise("clamp", {
    params: "x, lo, hi",
    doc: "x, but no less than lo and no more than hi",
    gives: arithmetic,
    apply: (x, lo, hi) => op.minimum(op.maximum(x!, lo!), hi!),
  }),
];

/** log(eᵃ + eᵇ), also where one of them is -inf. */
function logAddExp(a: Node, b: Node): Node {
  const higher = op.maximum(a, b);
  const apart = sub(op.minimum(a, b), higher);
  return op.select(
    op.isFinite(higher),
    add(higher, op.log1p(op.exp(op.select(op.isFinite(higher), apart, scalar(0))))),
    higher,
  );
}

const probability: readonly BuiltRow[] = [
  of1("logit", "log(p / (1 - p))", (p) => sub(op.log(p), op.log1p(neg(p)))),
  of1("inv_logit", "1 / (1 + e⁻ˣ)", op.sigmoid),
  of1("probit", "standard normal quantile", op.normalQuantile),
  of1("inv_probit", "standard normal distribution function", op.normalCdf),
  of1("cloglog", "log(-log(1 - p))", (p) => op.log(neg(op.log1p(neg(p))))),
  of1("inv_cloglog", "1 - exp(-eˣ)", (x) => neg(op.expm1(neg(op.exp(x))))),
  of1("log_inv_logit", "log inv_logit(x)", op.logSigmoid),
  of1("log1m_inv_logit", "log(1 - inv_logit(x))", (x) => op.logSigmoid(neg(x))),
  of1("log1m", "log(1 - x)", (x) => op.log1p(neg(x))),
  of1("log1m_exp", "log(1 - eˣ), x < 0", op.log1mExp),
  of1("log1p_exp", "log(1 + eˣ)", op.softplus),
  of2("log_diff_exp", "a, b", "log(eᵃ - eᵇ), a > b", (a, b) => add(a, op.log1mExp(sub(b, a)))),
  elementwise("log_mix", {
    params: "p, a, b",
    doc: "log(p eᵃ + (1 - p) eᵇ)",
    apply: (p, a, b) => logAddExp(add(op.log(p!), a!), add(op.log1p(neg(p!)), b!)),
  }),
  of2("xlogy", "x, y", "x log(y), and 0 where x is 0", op.xlogy),
];

const activation: readonly BuiltRow[] = [
  of1("relu", "max(x, 0)", (x) => op.maximum(x, scalar(0))),
  of1("gelu", "x times the standard normal distribution function", (x) => mul(x, op.normalCdf(x))),
  of1("elu", "x above 0, else eˣ - 1", (x) => op.select(op.less(scalar(0), x), x, op.expm1(op.minimum(x, scalar(0))))),
  of1("silu", "x inv_logit(x)", (x) => mul(x, op.sigmoid(x))),
  of1("softplus", "log(1 + eˣ)", op.softplus),
];

const special: readonly BuiltRow[] = [
  of1("lgamma", "log of the gamma function", op.lgamma),
  of1("digamma", "derivative of lgamma", op.digamma),
  of1("trigamma", "derivative of digamma", op.trigamma),
  of2("lbeta", "a, b", "log of the beta function", op.logBeta),
  of2("lchoose", "n, k", "log of the binomial coefficient", op.logChoose),
  of1("lfactorial", "log(n!)", (n) => lfactorial(n)),
  of1("erf", "error function", op.erf),
  of1("erfc", "1 - erf(x)", op.erfc),
  of2("gamma_p", "a, x", "regularised lower incomplete gamma function", (a, x) => op.exp(op.logGammaP(a, x))),
  of2("gamma_q", "a, x", "regularised upper incomplete gamma function", (a, x) => op.exp(op.logGammaQ(a, x))),
  of2("bessel_i", "order, x", "modified Bessel function of the first kind; the order is an int", op.besselI),
];

const lfactorial = (n: Node): Node => op.lgamma(add(n, scalar(1)));

export const scalars: readonly BuiltRow[] = [...elementary, ...probability, ...activation, ...special];
