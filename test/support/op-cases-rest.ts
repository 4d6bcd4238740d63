// Cases of matrix ops, leaves, control and draws.

import type { Node } from "../../src/ir/node.ts";
import {
  axisSize,
  constant,
  data,
  drawBinomial,
  drawGamma,
  drawPoisson,
  equal,
  fill,
  floor,
  iota,
  mark,
  mul,
  noise,
  scalar,
  solveLower,
  solveUpper,
  square,
  stop,
  sub,
  sumAxis,
  through,
} from "../../src/op/index.ts";
import { leaf, type LeafCase, type ShapedCase } from "./op-case.ts";

const lowerMatrix: LeafCase = { axes: ["J"], shape: [3, 3], range: [0.5, 1.5] };
/** L⁻¹ b by Cramer-free substitution, written for three rows. */
function solve3(L: (i: number, j: number) => number, b: (i: number) => number): number[] {
  const y0 = b(0) / L(0, 0);
  const y1 = (b(1) - L(1, 0) * y0) / L(1, 1);
  return [y0, y1, (b(2) - L(2, 0) * y0 - L(2, 1) * y1) / L(2, 2)];
}
const matrixCases: readonly ShapedCase[] = [
  {
    title: "solveLower",
    ops: ["solveLower"],
    leaves: { L: lowerMatrix, b: leaf(["K"], [3]) },
    build: ({ L, b }) => solveLower(L!, b!),
    value: (get, a, [i]) =>
      solve3(
        (r, c) => get("L", a, r, c),
        (r) => get("b", a, r),
      )[i!]!,
    gradient: "smooth",
  },
  {
    title: "solveUpper",
    ops: ["solveUpper"],
    leaves: { L: lowerMatrix, b: leaf([], [3]) },
    build: ({ L, b }) => solveUpper(L!, b!),
    value: (get, a, [i]) =>
      solve3(
        (r, c) => get("L", a, 2 - c, 2 - r),
        (r) => get("b", a, 2 - r),
      )[2 - i!]!,
    gradient: "smooth",
  },
];

const leafCases: readonly ShapedCase[] = [
  {
    title: "param, data, constant and fill",
    ops: ["param", "data", "constant", "fill"],
    leaves: { x: leaf(["J"], [2]) },
    build: ({ x }) => mul(mul(x!, data("x", ["J"], [2])), mul(constant([1, 2], [2]), fill(3, ["J"], [2]))),
    value: (get, a, [i]) => 3 * (i! + 1) * get("x", a, i!) ** 2,
    gradient: "none",
  },
  { title: "iota", ops: ["iota"], leaves: {}, build: () => iota("J"), value: (_, a) => a["J"]!, gradient: "none" },
  { title: "axisSize", ops: ["axisSize"], leaves: {}, build: () => axisSize("T"), value: () => 4, gradient: "none" },
];

const controlCases: readonly ShapedCase[] = [
  {
    title: "mark",
    ops: ["mark"],
    leaves: { x: leaf(["J"], [2]) },
    build: ({ x }) => square(mark(x!, "site")),
    value: (get, a, [i]) => get("x", a, i!) ** 2,
    gradient: "smooth",
  },
  {
    title: "through has the value of the first",
    ops: ["through"],
    leaves: { x: leaf(["J"], []), y: leaf(["K"], [2]) },
    build: ({ x, y }) => through(x!, y!),
    value: (get, a) => get("x", a),
    gradient: "none",
  },
  {
    title: "stop",
    ops: ["through"],
    leaves: { x: leaf(["J"], []) },
    build: ({ x }) => stop(x!),
    value: (get, a) => get("x", a),
    gradient: "none",
  },
];

/** What the numbers are is tested in philox.test.ts and exec.test.ts; here: axes that the key lacks share a stream,
 *  so that equal parameters give equal draws. */
const key = { site: "z", axes: ["K"], shape: [2] };
const sharesStreams = (op: string, draw: (one: Node) => Node): ShapedCase => ({
  title: op,
  ops: [op],
  leaves: {},
  gradient: "none",
  value: () => 0,
  build: () => {
    const x = draw(fill(0.5, ["J"], []));
    return sub(x, sumAxis(mul(x, equal(iota("J"), scalar(1))), "J"));
  },
});
const randomCases: readonly ShapedCase[] = [
  {
    title: "noise lies inside its range",
    ops: ["noise"],
    leaves: {},
    build: () => floor(noise("uniform", "z", ["J", "K"], [2])),
    value: () => 0,
    gradient: "none",
  },
  sharesStreams("drawGamma", (x) => drawGamma(key, x)),
  sharesStreams("drawPoisson", (x) => drawPoisson(key, x)),
  sharesStreams("drawBinomial", (x) => drawBinomial(key, constant([5], []), x)),
];

export const restCases: readonly ShapedCase[] = [...matrixCases, ...leafCases, ...controlCases, ...randomCases];
