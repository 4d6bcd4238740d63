// Signs go outwards, factors leave sums, and sums run over as little as possible.

import { numbersAttr, textAttr, numberAttr } from "../ir/attrs.ts";
import type { Axis, Node } from "../ir/node.ts";
import { rebuild } from "../ir/make.ts";
import { sizeOf } from "../ir/shape.ts";
import {
  add,
  div,
  expand,
  fill,
  lse,
  lseAxis,
  max,
  maxAxis,
  mul,
  neg,
  numberOf,
  scalar,
  sub,
  sum,
  sumAxis,
} from "../op/index.ts";
import { fromAxis } from "../op/axis.ts";
import { argOf, argsOf, type Facts, type Law } from "./law.ts";
import { isIdentity } from "./laws-of-states.ts";

/** `node` on other inputs. */
const on = (node: Node, ...inputs: readonly Node[]): Node => rebuild(node, inputs);

/** True if y is smaller than x: constant along something that x is not. */
const lacksSomeOf = (y: Node, x: Node): boolean =>
  x.axes.some((a) => !y.axes.includes(a)) || (y.shape.length === 0 && sizeOf(x.shape) > 1);

const signs: readonly Law[] = [
  {
    name: "sign-of-product",
    because: "(-a) b = -(a b), likewise for quotients and contractions",
    on: ["mul", "div", "einsum"],
    apply: (node) => {
      const [a, b] = node.inputs as [Node, Node];
      const [x, y] = [argOf(a, "neg"), argOf(b, "neg")];
      if (x === null && y === null) return null;
      const product = on(node, x ?? a, y ?? b);
      return x !== null && y !== null ? product : neg(product);
    },
  },
  {
    name: "sign-of-sum",
    because: "Σ -x = -Σ x",
    on: ["sum", "sumAxis", "cumsum", "expand", "scatter"],
    apply: (node) => {
      const x = argOf(node.inputs[0]!, "neg");
      return x && neg(on(node, x, ...node.inputs.slice(1)));
    },
  },
  {
    name: "sign-of-difference",
    because: "-(a - b) = b - a; -(c x) = (-c) x; -a + b = b - a; -a - b = -(a + b)",
    on: ["neg", "add", "sub"],
    apply: (node) => {
      const [a, b] = node.inputs as [Node, Node];
      if (node.op.name !== "neg") {
        const x = argOf(a, "neg");
        return x && (node.op.name === "add" ? sub(b, x) : neg(add(x, b)));
      }
      const [left, right] = argsOf(a, "sub") ?? [];
      if (left !== undefined) return sub(right!, left);
      const constant = argsOf(a, "mul")?.findIndex((x) => numberOf(x) !== null) ?? -1;
      return constant < 0 ? null : mul(scalar(-numberOf(a.inputs[constant]!)!), a.inputs[1 - constant]!);
    },
  },
];

const quotients: readonly Law[] = [
  {
    name: "hoisted-division",
    because: "x / s = x (1 / s) where s is smaller than x, or fixed while x is not: fewer divisions",
    on: ["div"],
    apply: ({ inputs: [x, s] }, facts) => {
      if (numberOf(x!) !== null) return null;
      const hoisted = lacksSomeOf(s!, x!) || (facts.fixed(s!) && !facts.fixed(x!));
      return hoisted ? mul(x!, div(scalar(1), s!)) : null;
    },
  },
];

/** Σ over an axis or dims of a product, split in the factors that vary there and those that do not. */
function factored(node: Node, constant: (y: Node) => Node | null, total: (x: Node) => Node): Node | null {
  const [a, b] = argsOf(node, "mul") ?? [];
  if (a === undefined) return null;
  const [left, right] = [constant(a), constant(b!)];
  return left !== null ? mul(left, total(b!)) : right !== null ? mul(right, total(a)) : null;
}

/** y without the event dims `dims`, where it is a repetition along them; else `null`. */
function withoutDims(y: Node, shape: readonly number[], dims: readonly number[]): Node | null {
  if (y.shape.length === 0) return y;
  if (y.op.name !== "expand") return null;
  const kept = numbersAttr(y.attrs, "dims");
  if (dims.some((d) => kept.includes(d))) return null;
  const left = shape.map((_, d) => d).filter((d) => !dims.includes(d));
  return expand(
    y.inputs[0]!,
    left.map((d) => shape[d]!),
    kept.map((d) => left.indexOf(d)),
  );
}

/** A number, or the logarithm of what no parameter changes. Data stay beside what is taken from them: of their sums the
 *  difference would lose digits. */
const normalises = (c: Node, { fixed }: Facts): boolean => numberOf(c) !== null || (c.op.name === "log" && fixed(c));

const sums: readonly Law[] = [
  {
    name: "factor-of-axis-sum",
    because: "Σₐ x y = y Σₐ x where y lacks a",
    on: ["sumAxis"],
    apply: (node) => {
      const axis: Axis = textAttr(node.attrs, "axis");
      return factored(
        node.inputs[0]!,
        (y) => (y.axes.includes(axis) ? null : y),
        (x) => sumAxis(x, axis),
      );
    },
  },
  {
    name: "constant-of-axis-sum",
    because: "Σₐ (x ± c) = Σₐ x ± Σₐ c where c normalises a density: no additions per member",
    on: ["sumAxis"],
    apply: (node, facts) => {
      const axis: Axis = textAttr(node.attrs, "axis");
      const inner = node.inputs[0]!;
      const [x, y] = argsOf(inner, "add") ?? argsOf(inner, "sub") ?? [];
      if (x === undefined || facts.fixed(inner)) return null;
      return normalises(x, facts) || normalises(y!, facts) ? on(inner, sumAxis(x, axis), sumAxis(y!, axis)) : null;
    },
  },
  {
    name: "constant-of-difference",
    because: "x - (y - c) = (x - y) + c where c normalises a density: it goes outwards",
    on: ["sub"],
    apply: ({ inputs: [x, difference] }, facts) => {
      const [y, c] = argsOf(difference!, "sub") ?? [];
      return y !== undefined && normalises(c!, facts) && !facts.fixed(x!) && !facts.fixed(y)
        ? add(sub(x!, y), c!)
        : null;
    },
  },
  {
    name: "factor-of-sum",
    because: "Σ x y = y Σ x where y is constant along the dims",
    on: ["sum"],
    apply: (node) => {
      const dims = numbersAttr(node.attrs, "dims");
      const { shape } = node.inputs[0]!;
      // a scalar partner would be repeated by the product: sum it only where it has the shape
      const total = (x: Node): Node =>
        x.shape.length === 0 ? mul(x, scalar(sizeOf(dims.map((d) => shape[d]!)))) : sum(x, dims);
      return factored(node.inputs[0]!, (y) => withoutDims(y, shape, dims), total);
    },
  },
  {
    name: "sum-of-repetition",
    because: "Σ over n equal terms = n times one",
    on: ["sum"],
    apply: (node) => {
      const x = node.inputs[0]!;
      const dims = numbersAttr(node.attrs, "dims");
      const one = x.shape.length === 0 ? null : withoutDims(x, x.shape, dims);
      return one && mul(one, scalar(sizeOf(dims.map((d) => x.shape[d]!))));
    },
  },
  {
    name: "inner-sums-first",
    because: "Σ over dims of Σₐ = Σₐ of Σ over dims",
    on: ["sum"],
    apply: (node) => {
      const x = argOf(node.inputs[0]!, "sumAxis");
      return x && sumAxis(sum(x, numbersAttr(node.attrs, "dims")), textAttr(node.inputs[0]!.attrs, "axis"));
    },
  },
  {
    name: "fold-of-moved-axis",
    because: "a fold over an axis that was an event dim (or the other way) is the fold over the dim",
    on: ["sumAxis", "lseAxis", "maxAxis", "sum", "lse", "max"],
    apply: (node) => foldedWhereItWas(node),
  },
  {
    name: "term-of-log-sum-exp",
    because: "log Σ e^(x ± c) = ±c + log Σ eˣ where c is constant along the sum",
    on: ["lseAxis", "lse"],
    apply: (node) => {
      const inner = node.inputs[0]!;
      const [a, b] = argsOf(inner, "add") ?? argsOf(inner, "sub") ?? [];
      if (a === undefined) return null;
      const constant = (c: Node, x: Node): boolean =>
        x.shape.length === inner.shape.length &&
        (node.op.name === "lseAxis" ? !c.axes.includes(textAttr(node.attrs, "axis")) : c.shape.length === 0);
      if (constant(b!, a)) return on(inner, on(node, a), b!);
      return inner.op.name === "add" && constant(a, b!) ? add(a, on(node, b!)) : null;
    },
  },
];

const AXIS_FOLDS = { sum: sumAxis, lse: lseAxis, max: maxAxis } as const;
const DIM_FOLDS = { sumAxis: sum, lseAxis: lse, maxAxis: max } as const;

function foldedWhereItWas(node: Node): Node | null {
  const moved = node.inputs[0]!;
  if (node.op.name in DIM_FOLDS) {
    const dims =
      moved.op.name === "toAxis" && textAttr(moved.attrs, "axis") === textAttr(node.attrs, "axis")
        ? [numberAttr(moved.attrs, "dim")]
        : null;
    return dims && DIM_FOLDS[node.op.name as keyof typeof DIM_FOLDS](moved.inputs[0]!, dims);
  }
  const from = fromAxis(moved);
  const dims = numbersAttr(node.attrs, "dims");
  if (from === null || dims.length !== 1 || dims[0] !== from.dim) return null;
  return AXIS_FOLDS[node.op.name as keyof typeof AXIS_FOLDS](from.inner, from.axis);
}

const fills: readonly Law[] = [
  {
    name: "repeated-number",
    because: "a number written out along axes is the number wherever its partner has those axes",
    on: ["add", "sub", "mul", "div"],
    apply: (node) => {
      const [a, b] = node.inputs as [Node, Node];
      const left = narrow(a, b);
      const right = narrow(b, left); // of two such numbers one keeps the axes
      return left === a && right === b ? null : on(node, left, right);
    },
  },
];

/** A `fill` without the axes (and event shape) that `partner` has. */
function narrow(x: Node, partner: Node): Node {
  if (x.op.name !== "fill") return x;
  const axes = x.axes.filter((a) => !partner.axes.includes(a));
  const shape = partner.shape.length > 0 ? [] : x.shape;
  return axes.length === x.axes.length && shape.length === x.shape.length
    ? x
    : fill(numberAttr(x.attrs, "value"), axes, shape);
}

const contractions: readonly Law[] = [
  {
    name: "identity-matrix",
    because: "I x = x",
    on: ["einsum"],
    apply: (node) => {
      const spec = textAttr(node.attrs, "spec");
      const [a, b] = node.inputs as [Node, Node];
      if (spec === "ij,j->i" && isIdentity(a)) return b;
      if (spec === "ij,i->j" && isIdentity(a)) return b;
      if (spec === "ij,jk->ik" && (isIdentity(a) || isIdentity(b))) return isIdentity(a) ? b : a;
      return null;
    },
  },
];

export const lawsOfSums: readonly Law[] = [...signs, ...quotients, ...sums, ...fills, ...contractions];
