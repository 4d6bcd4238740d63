// Where each op is tested: domains of the pointwise ops, and for the others a graph with a plain formula of one element.

import type { Axis, Node } from "../../src/ir/node.ts";
import {
  all, any, argmax, axisSize, concat, constant, cumsum, data, drawBinomial, drawGamma, drawPoisson, einsum, equal, expand, fill, floor, gather, iota, lse,
  lseAxis, mark, max, maxAxis, min, mul, noise, pick, prod, rename, reshape, scalar, scatter, slice, solveLower, solveUpper, square, stop, sub, sum,
  sumAxis, through, toAxis, toEvent, transpose,
} from "../../src/op/index.ts";
import type { Range, Sizes } from "./run-graph.ts";

const R: Range = [-2, 2];
const POSITIVE: Range = [0.3, 3];
const UNIT: Range = [-0.9, 0.9];
const TRUTH: Range = [0.1, 0.9];

/** One range per argument, away from kinks and poles. */
export const domains: Readonly<Record<string, readonly Range[]>> = {
  neg: [R], add: [R, R], sub: [R, R], mul: [R, R], div: [R, POSITIVE], square: [R], sqrt: [POSITIVE],
  sign: [POSITIVE], abs: [[-3, -0.2]], floor: [[1.1, 1.9]], ceil: [[1.1, 1.9]], trunc: [[-1.9, -1.1]], round: [[0.6, 1.4]],
  mod: [[5.1, 5.9], [2.05, 2.4]],
  less: [[0, 1], [1.1, 2]], lessEqual: [[0, 1], [1.1, 2]], equal: [[0, 1], [1.1, 2]], and: [TRUTH, TRUTH], or: [TRUTH, TRUTH], not: [TRUTH],
  isFinite: [R], select: [TRUTH, R, R], minimum: [[0, 1], [1.1, 2]], maximum: [[0, 1], [1.1, 2]],
  exp: [R], log: [POSITIVE], expm1: [R], log1p: [[-0.5, 2]], pow: [POSITIVE, R], sigmoid: [[-4, 4]], softplus: [[-4, 4]], logSigmoid: [[-4, 4]],
  log1mExp: [[-4, -0.3]], xlogy: [POSITIVE, POSITIVE],
  sinh: [R], cosh: [R], tanh: [R], asinh: [R], acosh: [[1.3, 3]], atanh: [UNIT],
  sin: [R], cos: [R], tan: [[-1, 1]], asin: [UNIT], acos: [UNIT], atan: [R], atan2: [R, POSITIVE],
  lgamma: [POSITIVE], digamma: [POSITIVE], trigamma: [POSITIVE],
  erf: [R], erfc: [R], normalCdf: [R], logNormalCdf: [[-6, 2]], normalQuantile: [[0.05, 0.95]],
};

/** Ops without a second derivative, with the reason. */
export const NO_SECOND_DERIVATIVE: ReadonlyMap<string, string> = new Map([
  ["digamma", "needs the third derivative of log Γ, which is not in the table"],
  ["trigamma", "needs the third derivative of log Γ, which is not in the table"],
]);

export type LeafCase = {
  readonly axes: readonly Axis[];
  readonly shape: readonly number[];
  readonly range?: Range;
  readonly values?: Float64Array;
  /** No gradient by this leaf (an index, a condition). */
  readonly fixed?: true;
};

type Get = (leaf: string, axes: Readonly<Record<Axis, number>>, ...event: number[]) => number;

export type ShapedCase = {
  readonly title: string;
  readonly ops: readonly string[];
  readonly leaves: Readonly<Record<string, LeafCase>>;
  readonly build: (leaves: Readonly<Record<string, Node>>) => Node;
  /** One element of the result. */
  readonly value: (get: Get, axes: Readonly<Record<Axis, number>>, event: readonly number[], sizes: Sizes) => number;
  /** `first`: no second derivative is compared (it is 0, or stands in another case); `none`: values only. */
  readonly gradient: "smooth" | "first" | "none";
};

const leaf = (axes: readonly Axis[], shape: readonly number[], range?: Range): LeafCase => ({ axes, shape, ...(range && { range }) });
const index = (axes: readonly Axis[], shape: readonly number[], values: readonly number[]): LeafCase =>
  ({ axes, shape, values: Float64Array.from(values), fixed: true });
const total = (n: number, f: (k: number) => number): number => Array.from({ length: n }, (_, k) => f(k)).reduce((a, b) => a + b, 0);
const list = (n: number, f: (k: number) => number): number[] => Array.from({ length: n }, (_, k) => f(k));
const logSum = (xs: readonly number[]): number => Math.log(xs.reduce((a, x) => a + Math.exp(x), 0));
const product = (xs: readonly number[]): number => xs.reduce((a, x) => a * x, 1);

const foldCases: readonly ShapedCase[] = [
  {
    title: "sum over all dims", ops: ["sum"], leaves: { x: leaf(["J"], [2, 3]) }, build: ({ x }) => sum(square(x!)),
    value: (get, a) => total(2, (i) => total(3, (j) => get("x", a, i, j) ** 2)), gradient: "smooth",
  },
  {
    title: "sum over the first dim", ops: ["sum"], leaves: { x: leaf(["J"], [2, 3]) }, build: ({ x }) => square(sum(x!, [0])),
    value: (get, a, [j]) => total(2, (i) => get("x", a, i, j!)) ** 2, gradient: "smooth",
  },
  {
    title: "prod", ops: ["prod"], leaves: { x: leaf(["J"], [2, 3]) }, build: ({ x }) => prod(x!, [1]),
    value: (get, a, [i]) => product(list(3, (j) => get("x", a, i!, j))), gradient: "smooth",
  },
  {
    title: "prod with a zero", ops: ["prod"], leaves: { x: { ...leaf([], [4]), values: Float64Array.of(2, 0, -1.5, 0.7) } },
    build: ({ x }) => prod(x!), value: () => 0, gradient: "smooth",
  },
  {
    title: "prod with two zeros", ops: ["prod"], leaves: { x: { ...leaf([], [3]), values: Float64Array.of(0, 0, 3) } },
    build: ({ x }) => prod(x!), value: () => 0, gradient: "first",
  },
  {
    title: "max", ops: ["max"], leaves: { x: leaf(["J"], [2, 3]) }, build: ({ x }) => square(max(x!, [0])),
    value: (get, a, [j]) => Math.max(...list(2, (i) => get("x", a, i, j!))) ** 2, gradient: "smooth",
  },
  {
    title: "min", ops: ["min"], leaves: { x: leaf(["J"], [4]) }, build: ({ x }) => square(min(x!)),
    value: (get, a) => Math.min(...list(4, (i) => get("x", a, i))) ** 2, gradient: "smooth",
  },
  {
    title: "lse", ops: ["lse"], leaves: { x: leaf(["J"], [3, 2]) }, build: ({ x }) => lse(x!, [0]),
    value: (get, a, [j]) => logSum(list(3, (i) => get("x", a, i, j!))), gradient: "smooth",
  },
  {
    title: "all", ops: ["all"], leaves: { x: index(["J"], [2], [1, 1, 0, 1, 0, 0]) }, build: ({ x }) => all(x!),
    value: (get, a) => (get("x", a, 0) && get("x", a, 1) ? 1 : 0), gradient: "none",
  },
  {
    title: "any", ops: ["any"], leaves: { x: index(["J"], [2], [1, 1, 0, 1, 0, 0]) }, build: ({ x }) => any(x!),
    value: (get, a) => (get("x", a, 0) || get("x", a, 1) ? 1 : 0), gradient: "none",
  },
  {
    title: "argmax, first of equals", ops: ["argmax"], leaves: { x: index(["J"], [3, 2], [1, 5, 2, 5, 0, 4, 9, 8, 9, 9, 1, 1, 0, 0, 0, 0, 0, 1]) },
    build: ({ x }) => argmax(x!, [0]),
    value: (get, a, [j]) => { const xs = list(3, (i) => get("x", a, i, j!)); return xs.indexOf(Math.max(...xs)); }, gradient: "none",
  },
  {
    title: "cumsum", ops: ["cumsum"], leaves: { x: leaf(["J"], [3, 2]) }, build: ({ x }) => square(cumsum(x!, 0)),
    value: (get, a, [i, j]) => total(i! + 1, (k) => get("x", a, k, j!)) ** 2, gradient: "smooth",
  },
  {
    title: "cumsum reversed", ops: ["cumsum"], leaves: { x: leaf(["J"], [4]) }, build: ({ x }) => square(cumsum(x!, 0, true)),
    value: (get, a, [i]) => total(4 - i!, (k) => get("x", a, i! + k)) ** 2, gradient: "smooth",
  },
  {
    title: "expand", ops: ["expand"], leaves: { x: leaf(["J"], [3]) }, build: ({ x }) => square(expand(x!, [2, 3, 4], [1])),
    value: (get, a, [, j]) => get("x", a, j!) ** 2, gradient: "smooth",
  },
];

const contractCases: readonly ShapedCase[] = [
  {
    title: "einsum: matrix times vector, other axes", ops: ["einsum"], leaves: { a: leaf(["J"], [2, 3]), b: leaf(["K"], [3]) },
    build: ({ a, b }) => einsum("ij,j->i", a!, b!), value: (get, x, [i]) => total(3, (j) => get("a", x, i!, j) * get("b", x, j)), gradient: "smooth",
  },
  {
    title: "einsum: matrix product to a transpose", ops: ["einsum"], leaves: { a: leaf([], [2, 3]), b: leaf(["J"], [3, 4]) },
    build: ({ a, b }) => einsum("ij,jk->ki", a!, b!), value: (get, x, [k, i]) => total(3, (j) => get("a", x, i!, j) * get("b", x, j, k!)), gradient: "smooth",
  },
  {
    title: "einsum: letters of one argument only", ops: ["einsum"], leaves: { a: leaf(["J"], [2, 3]), b: leaf([], [2, 4]) },
    build: ({ a, b }) => einsum("ij,ik->k", a!, b!),
    value: (get, x, [k]) => total(2, (i) => total(3, (j) => get("a", x, i, j)) * get("b", x, i, k!)), gradient: "smooth",
  },
  {
    title: "einsum: inner and outer", ops: ["einsum"], leaves: { a: leaf(["K"], [3]), b: leaf(["J"], [3]) },
    build: ({ a, b }) => mul(einsum("i,i->", a!, b!), einsum("i,j->ij", a!, b!)),
    value: (get, x, [i, j]) => total(3, (k) => get("a", x, k) * get("b", x, k)) * get("a", x, i!) * get("b", x, j!), gradient: "smooth",
  },
  {
    title: "pick", ops: ["pick"], leaves: { hot: leaf(["J"], [2, 3], [0.1, 1]), x: leaf(["K"], [2, 3]) },
    build: ({ hot, x }) => pick(hot!, x!), value: (get, a, [i]) => total(3, (j) => get("hot", a, i!, j) * get("x", a, i!, j)), gradient: "smooth",
  },
  {
    title: "pick beside -inf", ops: ["pick"], leaves: { hot: index([], [3], [0, 1, 0]), x: index([], [3], [-Infinity, 2, -Infinity]) },
    build: ({ hot, x }) => pick(hot!, x!), value: () => 2, gradient: "none",
  },
];

const moveCases: readonly ShapedCase[] = [
  {
    title: "reshape", ops: ["reshape"], leaves: { x: leaf(["J"], [2, 3]) }, build: ({ x }) => square(reshape(x!, [3, 2])),
    value: (get, a, [i, j]) => { const k = 2 * i! + j!; return get("x", a, Math.floor(k / 3), k % 3) ** 2; }, gradient: "smooth",
  },
  {
    title: "transpose", ops: ["transpose"], leaves: { x: leaf(["J"], [2, 3, 4]) }, build: ({ x }) => square(transpose(x!, [2, 0, 1])),
    value: (get, a, [i, j, k]) => get("x", a, j!, k!, i!) ** 2, gradient: "smooth",
  },
  {
    title: "slice", ops: ["slice"], leaves: { x: leaf(["J"], [2, 5]) }, build: ({ x }) => square(slice(x!, 1, 1, 3)),
    value: (get, a, [i, j]) => get("x", a, i!, j! + 1) ** 2, gradient: "smooth",
  },
  {
    title: "concat of other axes", ops: ["concat"], leaves: { x: leaf(["J"], [2, 2]), y: leaf(["K"], [2, 1]) },
    build: ({ x, y }) => square(concat([x!, y!, x!], 1)),
    value: (get, a, [i, j]) => (j === 2 ? get("y", a, i!, 0) : get("x", a, i!, j! % 3)) ** 2, gradient: "smooth",
  },
];

const gatherCases: readonly ShapedCase[] = [
  {
    title: "gather by an index with an axis", ops: ["gather"], leaves: { x: leaf(["J"], [3, 2]), i: index(["K"], [], [2, 0]) },
    build: ({ x, i }) => square(gather(x!, 0, i!)), value: (get, a, [j]) => get("x", a, get("i", a), j!) ** 2, gradient: "smooth",
  },
  {
    title: "gather by an index that shares the axis", ops: ["gather"], leaves: { x: leaf(["J"], [2, 3]), i: index(["J"], [], [2, 0, 2]) },
    build: ({ x, i }) => square(gather(x!, 1, i!)), value: (get, a, [j]) => get("x", a, j!, get("i", a)) ** 2, gradient: "smooth",
  },
  {
    title: "gather by an index with axes and event dims, from a constant", ops: ["gather"],
    leaves: { x: leaf([], [3, 2]), i: index(["K"], [4], [2, 0, 1, 1, 0, 0, 2, 2]) },
    build: ({ x, i }) => square(gather(x!, 0, i!)), value: (get, a, [k, j]) => get("x", a, get("i", a, k!), j!) ** 2, gradient: "smooth",
  },
  {
    title: "gather of a plate by an index of another", ops: ["gather", "toEvent"], leaves: { x: leaf(["J", "K"], []), i: index(["T"], [], [2, 2, 0, 1]) },
    build: ({ x, i }) => square(gather(toEvent(x!, "J", 0, 3), 0, i!)), value: (get, a) => get("x", { ...a, J: get("i", a) }) ** 2, gradient: "smooth",
  },
  {
    title: "scatter over an axis", ops: ["scatter"], leaves: { x: leaf(["J", "T"], [2]), i: index(["T"], [], [1, 0, 1, 3]) },
    build: ({ x, i }) => square(scatter(x!, i!, 4, ["T"])),
    value: (get, a, [s, j]) => total(4, (t) => (get("i", { ...a, T: t }) === s ? get("x", { ...a, T: t }, j!) : 0)) ** 2, gradient: "smooth",
  },
  {
    title: "scatter of event dims, x constant along the axis", ops: ["scatter"], leaves: { x: leaf([], [3]), i: index(["K"], [3], [1, 0, 1, 2, 2, 2]) },
    build: ({ x, i }) => square(scatter(x!, i!, 3, ["K"])),
    value: (get, a, [s]) => total(2, (k) => total(3, (e) => (get("i", { ...a, K: k }, e) === s ? get("x", a, e) : 0))) ** 2, gradient: "smooth",
  },
  {
    title: "scatter that keeps the axis of its index", ops: ["scatter"], leaves: { x: leaf(["J"], [2]), i: index(["K"], [2], [1, 0, 1, 1]) },
    build: ({ x, i }) => square(scatter(x!, i!, 2, ["J"])),
    value: (get, a, [s]) => total(3, (j) => total(2, (e) => (get("i", a, e) === s ? get("x", { ...a, J: j }, e) : 0))) ** 2, gradient: "smooth",
  },
  {
    title: "scatter over an axis that neither has counts its size", ops: ["scatter"], leaves: { x: leaf([], [2]), i: index([], [2], [0, 0]) },
    build: ({ x, i }) => scatter(x!, i!, 1, ["J"]), value: (get, a) => 3 * (get("x", a, 0) + get("x", a, 1)), gradient: "first",
  },
];

const axisCases: readonly ShapedCase[] = [
  {
    title: "sumAxis", ops: ["sumAxis"], leaves: { x: leaf(["J", "K"], [2]) }, build: ({ x }) => square(sumAxis(x!, "J")),
    value: (get, a, [i]) => total(3, (j) => get("x", { ...a, J: j }, i!)) ** 2, gradient: "smooth",
  },
  {
    title: "sumAxis of a constant counts its size", ops: ["sumAxis", "axisSize"], leaves: { x: leaf(["K"], []) }, build: ({ x }) => square(sumAxis(x!, "J")),
    value: (get, a) => (3 * get("x", a)) ** 2, gradient: "smooth",
  },
  {
    title: "maxAxis", ops: ["maxAxis"], leaves: { x: leaf(["J", "K"], []) }, build: ({ x }) => square(maxAxis(x!, "J")),
    value: (get, a) => Math.max(...list(3, (j) => get("x", { ...a, J: j }))) ** 2, gradient: "smooth",
  },
  {
    title: "lseAxis", ops: ["lseAxis"], leaves: { x: leaf(["J", "K"], [2]) }, build: ({ x }) => lseAxis(x!, "K"),
    value: (get, a, [i]) => logSum(list(2, (k) => get("x", { ...a, K: k }, i!))), gradient: "smooth",
  },
  {
    title: "lseAxis of a constant", ops: ["lseAxis"], leaves: { x: leaf(["J"], []) }, build: ({ x }) => lseAxis(x!, "K"),
    value: (get, a) => get("x", a) + Math.log(2), gradient: "first",
  },
  {
    title: "toAxis", ops: ["toAxis"], leaves: { x: leaf(["K"], [2, 3]) }, build: ({ x }) => square(toAxis(x!, 1, "J")),
    value: (get, a, [i]) => get("x", a, i!, a["J"]!) ** 2, gradient: "smooth",
  },
  {
    title: "toEvent", ops: ["toEvent"], leaves: { x: leaf(["J", "K"], [2]) }, build: ({ x }) => square(toEvent(x!, "J", 1, 3)),
    value: (get, a, [i, j]) => get("x", { ...a, J: j! }, i!) ** 2, gradient: "smooth",
  },
  {
    title: "toEvent of a constant repeats", ops: ["toEvent"], leaves: { x: leaf([], [2]) }, build: ({ x }) => square(toEvent(x!, "J", 0, 3)),
    value: (get, a, [, i]) => get("x", a, i!) ** 2, gradient: "smooth",
  },
  {
    title: "rename", ops: ["rename"], leaves: { x: leaf(["J", "T"], []) }, build: ({ x }) => square(rename(x!, "J", "Z")),
    value: (get, a) => get("x", { ...a, J: a["Z"]! }) ** 2, gradient: "smooth",
  },
];

const lowerMatrix: LeafCase = { axes: ["J"], shape: [3, 3], range: [0.5, 1.5] };
/** L⁻¹ b by Cramer-free substitution, written for three rows. */
function solve3(L: (i: number, j: number) => number, b: (i: number) => number): number[] {
  const y0 = b(0) / L(0, 0);
  const y1 = (b(1) - L(1, 0) * y0) / L(1, 1);
  return [y0, y1, (b(2) - L(2, 0) * y0 - L(2, 1) * y1) / L(2, 2)];
}
const matrixCases: readonly ShapedCase[] = [
  {
    title: "solveLower", ops: ["solveLower"], leaves: { L: lowerMatrix, b: leaf(["K"], [3]) }, build: ({ L, b }) => solveLower(L!, b!),
    value: (get, a, [i]) => solve3((r, c) => get("L", a, r, c), (r) => get("b", a, r))[i!]!, gradient: "smooth",
  },
  {
    title: "solveUpper", ops: ["solveUpper"], leaves: { L: lowerMatrix, b: leaf([], [3]) }, build: ({ L, b }) => solveUpper(L!, b!),
    value: (get, a, [i]) => solve3((r, c) => get("L", a, 2 - c, 2 - r), (r) => get("b", a, 2 - r))[2 - i!]!, gradient: "smooth",
  },
];

const leafCases: readonly ShapedCase[] = [
  {
    title: "param, data, constant and fill", ops: ["param", "data", "constant", "fill"], leaves: { x: leaf(["J"], [2]) },
    build: ({ x }) => mul(mul(x!, data("x", ["J"], [2])), mul(constant([1, 2], [2]), fill(3, ["J"], [2]))),
    value: (get, a, [i]) => 3 * (i! + 1) * get("x", a, i!) ** 2, gradient: "none",
  },
  { title: "iota", ops: ["iota"], leaves: {}, build: () => iota("J"), value: (_, a) => a["J"]!, gradient: "none" },
  { title: "axisSize", ops: ["axisSize"], leaves: {}, build: () => axisSize("T"), value: () => 4, gradient: "none" },
];

const controlCases: readonly ShapedCase[] = [
  {
    title: "mark", ops: ["mark"], leaves: { x: leaf(["J"], [2]) }, build: ({ x }) => square(mark(x!, "site")),
    value: (get, a, [i]) => get("x", a, i!) ** 2, gradient: "smooth",
  },
  {
    title: "through has the value of the first", ops: ["through"], leaves: { x: leaf(["J"], []), y: leaf(["K"], [2]) },
    build: ({ x, y }) => through(x!, y!), value: (get, a) => get("x", a), gradient: "none",
  },
  { title: "stop", ops: ["through"], leaves: { x: leaf(["J"], []) }, build: ({ x }) => stop(x!), value: (get, a) => get("x", a), gradient: "none" },
];

/** What the numbers are is tested in philox.test.ts and exec.test.ts; here: axes that the key lacks share a stream, so that equal
 *  parameters give equal draws. */
const key = { site: "z", axes: ["K"], shape: [2] };
const sharesStreams = (op: string, draw: (one: Node) => Node): ShapedCase => ({
  title: op, ops: [op], leaves: {}, gradient: "none", value: () => 0,
  build: () => { const x = draw(fill(0.5, ["J"], [])); return sub(x, sumAxis(mul(x, equal(iota("J"), scalar(1))), "J")); },
});
const randomCases: readonly ShapedCase[] = [
  {
    title: "noise lies inside its range", ops: ["noise"], leaves: {}, build: () => floor(noise("uniform", "z", ["J", "K"], [2])),
    value: () => 0, gradient: "none",
  },
  sharesStreams("drawGamma", (x) => drawGamma(key, x)),
  sharesStreams("drawPoisson", (x) => drawPoisson(key, x)),
  sharesStreams("drawBinomial", (x) => drawBinomial(key, constant([5], []), x)),
];

export const shapedCases: readonly ShapedCase[] = [
  ...foldCases, ...contractCases, ...moveCases, ...gatherCases, ...axisCases, ...matrixCases, ...leafCases, ...controlCases, ...randomCases,
];
