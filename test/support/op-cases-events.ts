// Cases of the ops that work on event dims.

import {
  all,
  any,
  argmax,
  concat,
  cumsum,
  einsum,
  expand,
  lse,
  max,
  min,
  mul,
  pick,
  prod,
  reshape,
  slice,
  square,
  sum,
  transpose,
} from "../../src/op/index.ts";
import { leaf, index, total, list, logSum, product, type ShapedCase } from "./op-case.ts";

const foldCases: readonly ShapedCase[] = [
  {
    title: "sum over all dims",
    ops: ["sum"],
    leaves: { x: leaf(["J"], [2, 3]) },
    build: ({ x }) => sum(square(x!)),
    value: (get, a) => total(2, (i) => total(3, (j) => get("x", a, i, j) ** 2)),
    gradient: "smooth",
  },
  {
    title: "sum over the first dim",
    ops: ["sum"],
    leaves: { x: leaf(["J"], [2, 3]) },
    build: ({ x }) => square(sum(x!, [0])),
    value: (get, a, [j]) => total(2, (i) => get("x", a, i, j!)) ** 2,
    gradient: "smooth",
  },
  {
    title: "prod",
    ops: ["prod"],
    leaves: { x: leaf(["J"], [2, 3]) },
    build: ({ x }) => prod(x!, [1]),
    value: (get, a, [i]) => product(list(3, (j) => get("x", a, i!, j))),
    gradient: "smooth",
  },
  {
    title: "prod with a zero",
    ops: ["prod"],
    leaves: { x: { ...leaf([], [4]), values: Float64Array.of(2, 0, -1.5, 0.7) } },
    build: ({ x }) => prod(x!),
    value: () => 0,
    gradient: "smooth",
  },
  {
    title: "prod with two zeros",
    ops: ["prod"],
    leaves: { x: { ...leaf([], [3]), values: Float64Array.of(0, 0, 3) } },
    build: ({ x }) => prod(x!),
    value: () => 0,
    gradient: "first",
  },
  {
    title: "max",
    ops: ["max"],
    leaves: { x: leaf(["J"], [2, 3]) },
    build: ({ x }) => square(max(x!, [0])),
    value: (get, a, [j]) => Math.max(...list(2, (i) => get("x", a, i, j!))) ** 2,
    gradient: "smooth",
  },
  {
    title: "min",
    ops: ["min"],
    leaves: { x: leaf(["J"], [4]) },
    build: ({ x }) => square(min(x!)),
    value: (get, a) => Math.min(...list(4, (i) => get("x", a, i))) ** 2,
    gradient: "smooth",
  },
  {
    title: "lse",
    ops: ["lse"],
    leaves: { x: leaf(["J"], [3, 2]) },
    build: ({ x }) => lse(x!, [0]),
    value: (get, a, [j]) => logSum(list(3, (i) => get("x", a, i, j!))),
    gradient: "smooth",
  },
  {
    title: "all",
    ops: ["all"],
    leaves: { x: index(["J"], [2], [1, 1, 0, 1, 0, 0]) },
    build: ({ x }) => all(x!),
    value: (get, a) => (get("x", a, 0) && get("x", a, 1) ? 1 : 0),
    gradient: "none",
  },
  {
    title: "any",
    ops: ["any"],
    leaves: { x: index(["J"], [2], [1, 1, 0, 1, 0, 0]) },
    build: ({ x }) => any(x!),
    value: (get, a) => (get("x", a, 0) || get("x", a, 1) ? 1 : 0),
    gradient: "none",
  },
  {
    title: "argmax, first of equals",
    ops: ["argmax"],
    leaves: { x: index(["J"], [3, 2], [1, 5, 2, 5, 0, 4, 9, 8, 9, 9, 1, 1, 0, 0, 0, 0, 0, 1]) },
    build: ({ x }) => argmax(x!, [0]),
    value: (get, a, [j]) => {
      const xs = list(3, (i) => get("x", a, i, j!));
      return xs.indexOf(Math.max(...xs));
    },
    gradient: "none",
  },
  {
    title: "cumsum",
    ops: ["cumsum"],
    leaves: { x: leaf(["J"], [3, 2]) },
    build: ({ x }) => square(cumsum(x!, 0)),
    value: (get, a, [i, j]) => total(i! + 1, (k) => get("x", a, k, j!)) ** 2,
    gradient: "smooth",
  },
  {
    title: "cumsum reversed",
    ops: ["cumsum"],
    leaves: { x: leaf(["J"], [4]) },
    build: ({ x }) => square(cumsum(x!, 0, true)),
    value: (get, a, [i]) => total(4 - i!, (k) => get("x", a, i! + k)) ** 2,
    gradient: "smooth",
  },
  {
    title: "expand",
    ops: ["expand"],
    leaves: { x: leaf(["J"], [3]) },
    build: ({ x }) => square(expand(x!, [2, 3, 4], [1])),
    value: (get, a, [, j]) => get("x", a, j!) ** 2,
    gradient: "smooth",
  },
];

const contractCases: readonly ShapedCase[] = [
  {
    title: "einsum: matrix times vector, other axes",
    ops: ["einsum"],
    leaves: { a: leaf(["J"], [2, 3]), b: leaf(["K"], [3]) },
    build: ({ a, b }) => einsum("ij,j->i", a!, b!),
    value: (get, x, [i]) => total(3, (j) => get("a", x, i!, j) * get("b", x, j)),
    gradient: "smooth",
  },
  {
    title: "einsum: matrix product to a transpose",
    ops: ["einsum"],
    leaves: { a: leaf([], [2, 3]), b: leaf(["J"], [3, 4]) },
    build: ({ a, b }) => einsum("ij,jk->ki", a!, b!),
    value: (get, x, [k, i]) => total(3, (j) => get("a", x, i!, j) * get("b", x, j, k!)),
    gradient: "smooth",
  },
  {
    title: "einsum: letters of one argument only",
    ops: ["einsum"],
    leaves: { a: leaf(["J"], [2, 3]), b: leaf([], [2, 4]) },
    build: ({ a, b }) => einsum("ij,ik->k", a!, b!),
    value: (get, x, [k]) => total(2, (i) => total(3, (j) => get("a", x, i, j)) * get("b", x, i, k!)),
    gradient: "smooth",
  },
  {
    title: "einsum: inner and outer",
    ops: ["einsum"],
    leaves: { a: leaf(["K"], [3]), b: leaf(["J"], [3]) },
    build: ({ a, b }) => mul(einsum("i,i->", a!, b!), einsum("i,j->ij", a!, b!)),
    value: (get, x, [i, j]) => total(3, (k) => get("a", x, k) * get("b", x, k)) * get("a", x, i!) * get("b", x, j!),
    gradient: "smooth",
  },
  {
    title: "pick",
    ops: ["pick"],
    leaves: { hot: leaf(["J"], [2, 3], [0.1, 1]), x: leaf(["K"], [2, 3]) },
    build: ({ hot, x }) => pick(hot!, x!),
    value: (get, a, [i]) => total(3, (j) => get("hot", a, i!, j) * get("x", a, i!, j)),
    gradient: "smooth",
  },
  {
    title: "pick beside -inf",
    ops: ["pick"],
    leaves: { hot: index([], [3], [0, 1, 0]), x: index([], [3], [-Infinity, 2, -Infinity]) },
    build: ({ hot, x }) => pick(hot!, x!),
    value: () => 2,
    gradient: "none",
  },
];

const moveCases: readonly ShapedCase[] = [
  {
    title: "reshape",
    ops: ["reshape"],
    leaves: { x: leaf(["J"], [2, 3]) },
    build: ({ x }) => square(reshape(x!, [3, 2])),
    value: (get, a, [i, j]) => {
      const k = 2 * i! + j!;
      return get("x", a, Math.floor(k / 3), k % 3) ** 2;
    },
    gradient: "smooth",
  },
  {
    title: "transpose",
    ops: ["transpose"],
    leaves: { x: leaf(["J"], [2, 3, 4]) },
    build: ({ x }) => square(transpose(x!, [2, 0, 1])),
    value: (get, a, [i, j, k]) => get("x", a, j!, k!, i!) ** 2,
    gradient: "smooth",
  },
  {
    title: "slice",
    ops: ["slice"],
    leaves: { x: leaf(["J"], [2, 5]) },
    build: ({ x }) => square(slice(x!, 1, 1, 3)),
    value: (get, a, [i, j]) => get("x", a, i!, j! + 1) ** 2,
    gradient: "smooth",
  },
  {
    title: "concat of other axes",
    ops: ["concat"],
    leaves: { x: leaf(["J"], [2, 2]), y: leaf(["K"], [2, 1]) },
    build: ({ x, y }) => square(concat([x!, y!, x!], 1)),
    value: (get, a, [i, j]) => (j === 2 ? get("y", a, i!, 0) : get("x", a, i!, j! % 3)) ** 2,
    gradient: "smooth",
  },
];

export const eventCases: readonly ShapedCase[] = [...foldCases, ...contractCases, ...moveCases];
