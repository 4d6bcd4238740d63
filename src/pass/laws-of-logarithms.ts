// Exponentials and logarithms that cancel, and the forms of them that lose no digits.

import type { Node } from "../ir/node.ts";
import { numbersAttr, textAttr } from "../ir/attrs.ts";
import {
  abs,
  add,
  exp,
  log,
  log1mExp,
  logNormalCdf,
  logSigmoid,
  lse,
  lseAxis,
  mul,
  neg,
  normalCdf,
  numberOf,
  pow,
  scalar,
  sigmoid,
  softplus,
  square,
  sub,
} from "../op/index.ts";
import { argOf, argsOf, oneMinus, onePlus, type Facts, type Law } from "./law.ts";

const isExp = (x: Node): boolean => x.op.name === "exp";

/** Logarithms of one-argument functions: log f(x) = g(x). */
const LOG_OF: Readonly<Record<string, (x: Node) => Node>> = {
  exp: (x) => x,
  sigmoid: logSigmoid,
  normalCdf: logNormalCdf,
  sqrt: (x) => mul(scalar(0.5), log(x)),
  square: (x) => mul(scalar(2), log(abs(x))),
};

const hasSimpleLog = (x: Node): boolean => x.op.name in LOG_OF;

/** True if one of two factors has a logarithm that is simpler than itself (and is not negative, so that the signs
 *  agree). */
const oneHasSimpleLog = (a: Node, b: Node, { nonnegative }: Facts): boolean =>
  [a, b].some((x) => (hasSimpleLog(x) || isReciprocal(x)) && nonnegative(x));

/** 1 / x */
const isReciprocal = (x: Node): boolean => x.op.name === "div" && numberOf(x.inputs[0]!) === 1;

/** xᶜ of c log x. */
function powerOf(product: Node, nonnegative: (x: Node) => boolean): Node | null {
  const at = product.inputs.findIndex((c) => numberOf(c) !== null);
  const x = at < 0 ? null : argOf(product.inputs[1 - at]!, "log");
  return x !== null && nonnegative(x) ? pow(x, product.inputs[at]!) : null;
}

export const lawsOfLogarithms: readonly Law[] = [
  {
    name: "log-of-function",
    because: "log eˣ = x, log s(x) = logSigmoid x, log Φ(x) = logNormalCdf x, log √x = ½ log x, log x² = 2 log |x|",
    on: ["log"],
    apply: ({ inputs: [y] }) => (hasSimpleLog(y!) ? LOG_OF[y!.op.name]!(y!.inputs[0]!) : null),
  },
  {
    name: "log-of-power",
    because: "log xᵇ = b log x for x >= 0",
    on: ["log"],
    apply: ({ inputs: [y] }, { nonnegative }) => {
      const [x, b] = argsOf(y!, "pow") ?? [];
      return x !== undefined && nonnegative(x) ? mul(b!, log(x)) : null;
    },
  },
  {
    name: "log-of-product",
    because: "log(f g) = log f + log g where log f is simple",
    on: ["log"],
    apply: ({ inputs: [y] }, facts) => {
      const [a, b] = argsOf(y!, "mul") ?? [];
      return a !== undefined && oneHasSimpleLog(a, b!, facts) ? add(log(a), log(b!)) : null;
    },
  },
  {
    name: "log-of-quotient",
    because: "log(f / g) = log f - log g where one of them is simple",
    on: ["log"],
    apply: ({ inputs: [y] }, facts) => {
      const [a, b] = argsOf(y!, "div") ?? [];
      return a !== undefined && oneHasSimpleLog(a, b!, facts) ? sub(log(a), log(b!)) : null;
    },
  },
  {
    name: "log-of-reciprocal",
    because: "log(1 / x) = -log x",
    on: ["log"],
    apply: ({ inputs: [y] }) => {
      const [one, x] = argsOf(y!, "div") ?? [];
      return one !== undefined && numberOf(one) === 1 ? neg(log(x!)) : null;
    },
  },
  {
    name: "log-sum-exp",
    because: "log Σ eˣ is the op lse, which cannot overflow",
    on: ["log"],
    apply: ({ inputs: [y] }) => {
      const x = y!.inputs[0];
      if (x === undefined || !isExp(x)) return null;
      if (y!.op.name === "sum") return lse(x.inputs[0]!, numbersAttr(y!.attrs, "dims"));
      return y!.op.name === "sumAxis" ? lseAxis(x.inputs[0]!, textAttr(y!.attrs, "axis")) : null;
    },
  },
  {
    name: "softplus",
    because: "log(1 + eˣ) = softplus x",
    on: ["log", "log1p"],
    apply: (node) => {
      const u = node.op.name === "log1p" ? node.inputs[0]! : onePlus(node.inputs[0]!);
      const x = u && argOf(u, "exp");
      return x && softplus(x);
    },
  },
  {
    name: "log-of-complement",
    because: "log(1 - s(x)) = logSigmoid(-x), log(1 - Φ(x)) = logNormalCdf(-x), log(1 - eˣ) = log1mExp x",
    on: ["log", "log1p"],
    apply: (node) => {
      const u = node.op.name === "log1p" ? argOf(node.inputs[0]!, "neg") : oneMinus(node.inputs[0]!);
      const x = u?.inputs[0];
      if (u == null || x === undefined) return null;
      switch (u.op.name) {
        case "sigmoid":
          return logSigmoid(neg(x));
        case "normalCdf":
          return logNormalCdf(neg(x));
        case "exp":
          return log1mExp(x);
        default:
          return null;
      }
    },
  },
  {
    name: "complement",
    because: "1 - s(x) = s(-x), 1 - Φ(x) = Φ(-x)",
    on: ["sub"],
    apply: (node) => {
      const u = oneMinus(node);
      if (u?.op.name === "sigmoid") return sigmoid(neg(u.inputs[0]!));
      return u?.op.name === "normalCdf" ? normalCdf(neg(u.inputs[0]!)) : null;
    },
  },
  {
    name: "exp-of-logarithm",
    because: "e^(log x) = x and e^(c log x) = xᶜ for x >= 0, e^(logSigmoid x) = s(x), e^(logNormalCdf x) = Φ(x)",
    on: ["exp"],
    apply: ({ inputs: [y] }, { nonnegative }) => {
      const x = y!.inputs[0];
      switch (y!.op.name) {
        case "log":
          return nonnegative(x!) ? x! : null;
        case "logSigmoid":
          return sigmoid(x!);
        case "logNormalCdf":
          return normalCdf(x!);
        case "mul":
          return powerOf(y!, nonnegative);
        default:
          return null;
      }
    },
  },
  {
    name: "quotient-by-exp",
    because: "x / eʸ = x e⁻ʸ",
    on: ["div"],
    apply: ({ inputs: [x, y] }) => {
      const power = argOf(y!, "exp");
      return power && mul(x!, exp(neg(power)));
    },
  },
  {
    name: "root-of-square",
    because: "√(x²) = |x|; (√x)² = x for x >= 0; |x|² = x²",
    on: ["sqrt", "square", "abs"],
    apply: (node, { nonnegative }) => {
      const y = node.inputs[0]!;
      const x = y.inputs[0];
      if (node.op.name === "abs") return nonnegative(y) ? y : null;
      if (node.op.name === "sqrt") return y.op.name === "square" ? abs(x!) : null;
      if (y.op.name === "sqrt") return nonnegative(x!) ? x! : null;
      return y.op.name === "abs" ? square(x!) : null;
    },
  },
  {
    name: "reciprocal-of-quotient",
    because: "a / (1 / b) = a b",
    on: ["div"],
    apply: ({ inputs: [a, y] }) => {
      const [one, b] = argsOf(y!, "div") ?? [];
      return one !== undefined && numberOf(one) === 1 ? mul(a!, b!) : null;
    },
  },
];
