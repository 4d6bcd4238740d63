// Cases of the ops that work on named axes, and of gather and scatter.

import { gather, lseAxis, maxAxis, rename, scatter, square, sumAxis, toAxis, toEvent } from "../../src/op/index.ts";
import { leaf, index, total, list, logSum, type ShapedCase } from "./op-case.ts";

const gatherCases: readonly ShapedCase[] = [
  {
    title: "gather by an index with an axis",
    ops: ["gather"],
    leaves: { x: leaf(["J"], [3, 2]), i: index(["K"], [], [2, 0]) },
    build: ({ x, i }) => square(gather(x!, 0, i!)),
    value: (get, a, [j]) => get("x", a, get("i", a), j!) ** 2,
    gradient: "smooth",
  },
  {
    title: "gather by an index that shares the axis",
    ops: ["gather"],
    leaves: { x: leaf(["J"], [2, 3]), i: index(["J"], [], [2, 0, 2]) },
    build: ({ x, i }) => square(gather(x!, 1, i!)),
    value: (get, a, [j]) => get("x", a, j!, get("i", a)) ** 2,
    gradient: "smooth",
  },
  {
    title: "gather by an index with axes and event dims, from a constant",
    ops: ["gather"],
    leaves: { x: leaf([], [3, 2]), i: index(["K"], [4], [2, 0, 1, 1, 0, 0, 2, 2]) },
    build: ({ x, i }) => square(gather(x!, 0, i!)),
    value: (get, a, [k, j]) => get("x", a, get("i", a, k!), j!) ** 2,
    gradient: "smooth",
  },
  {
    title: "gather of a plate by an index of another",
    ops: ["gather", "toEvent"],
    leaves: { x: leaf(["J", "K"], []), i: index(["T"], [], [2, 2, 0, 1]) },
    build: ({ x, i }) => square(gather(toEvent(x!, "J", 0, 3), 0, i!)),
    value: (get, a) => get("x", { ...a, J: get("i", a) }) ** 2,
    gradient: "smooth",
  },
  {
    title: "scatter over an axis",
    ops: ["scatter"],
    leaves: { x: leaf(["J", "T"], [2]), i: index(["T"], [], [1, 0, 1, 3]) },
    build: ({ x, i }) => square(scatter(x!, i!, 4, ["T"])),
    value: (get, a, [s, j]) =>
      total(4, (t) => (get("i", { ...a, T: t }) === s ? get("x", { ...a, T: t }, j!) : 0)) ** 2,
    gradient: "smooth",
  },
  {
    title: "scatter of event dims, x constant along the axis",
    ops: ["scatter"],
    leaves: { x: leaf([], [3]), i: index(["K"], [3], [1, 0, 1, 2, 2, 2]) },
    build: ({ x, i }) => square(scatter(x!, i!, 3, ["K"])),
    value: (get, a, [s]) =>
      total(2, (k) => total(3, (e) => (get("i", { ...a, K: k }, e) === s ? get("x", a, e) : 0))) ** 2,
    gradient: "smooth",
  },
  {
    title: "scatter that keeps the axis of its index",
    ops: ["scatter"],
    leaves: { x: leaf(["J"], [2]), i: index(["K"], [2], [1, 0, 1, 1]) },
    build: ({ x, i }) => square(scatter(x!, i!, 2, ["J"])),
    value: (get, a, [s]) =>
      total(3, (j) => total(2, (e) => (get("i", a, e) === s ? get("x", { ...a, J: j }, e) : 0))) ** 2,
    gradient: "smooth",
  },
  {
    title: "scatter over an axis that neither has counts its size",
    ops: ["scatter"],
    leaves: { x: leaf([], [2]), i: index([], [2], [0, 0]) },
    build: ({ x, i }) => scatter(x!, i!, 1, ["J"]),
    value: (get, a) => 3 * (get("x", a, 0) + get("x", a, 1)),
    gradient: "first",
  },
];

const axisCases: readonly ShapedCase[] = [
  {
    title: "sumAxis",
    ops: ["sumAxis"],
    leaves: { x: leaf(["J", "K"], [2]) },
    build: ({ x }) => square(sumAxis(x!, "J")),
    value: (get, a, [i]) => total(3, (j) => get("x", { ...a, J: j }, i!)) ** 2,
    gradient: "smooth",
  },
  {
    title: "sumAxis of a constant counts its size",
    ops: ["sumAxis", "axisSize"],
    leaves: { x: leaf(["K"], []) },
    build: ({ x }) => square(sumAxis(x!, "J")),
    value: (get, a) => (3 * get("x", a)) ** 2,
    gradient: "smooth",
  },
  {
    title: "maxAxis",
    ops: ["maxAxis"],
    leaves: { x: leaf(["J", "K"], []) },
    build: ({ x }) => square(maxAxis(x!, "J")),
    value: (get, a) => Math.max(...list(3, (j) => get("x", { ...a, J: j }))) ** 2,
    gradient: "smooth",
  },
  {
    title: "lseAxis",
    ops: ["lseAxis"],
    leaves: { x: leaf(["J", "K"], [2]) },
    build: ({ x }) => lseAxis(x!, "K"),
    value: (get, a, [i]) => logSum(list(2, (k) => get("x", { ...a, K: k }, i!))),
    gradient: "smooth",
  },
  {
    title: "lseAxis of a constant",
    ops: ["lseAxis"],
    leaves: { x: leaf(["J"], []) },
    build: ({ x }) => lseAxis(x!, "K"),
    value: (get, a) => get("x", a) + Math.log(2),
    gradient: "first",
  },
  {
    title: "toAxis",
    ops: ["toAxis"],
    leaves: { x: leaf(["K"], [2, 3]) },
    build: ({ x }) => square(toAxis(x!, 1, "J")),
    value: (get, a, [i]) => get("x", a, i!, a["J"]!) ** 2,
    gradient: "smooth",
  },
  {
    title: "toEvent",
    ops: ["toEvent"],
    leaves: { x: leaf(["J", "K"], [2]) },
    build: ({ x }) => square(toEvent(x!, "J", 1, 3)),
    value: (get, a, [i, j]) => get("x", { ...a, J: j! }, i!) ** 2,
    gradient: "smooth",
  },
  {
    title: "toEvent of a constant repeats",
    ops: ["toEvent"],
    leaves: { x: leaf([], [2]) },
    build: ({ x }) => square(toEvent(x!, "J", 0, 3)),
    value: (get, a, [, i]) => get("x", a, i!) ** 2,
    gradient: "smooth",
  },
  {
    title: "rename",
    ops: ["rename"],
    leaves: { x: leaf(["J", "T"], []) },
    build: ({ x }) => square(rename(x!, "J", "Z")),
    value: (get, a) => get("x", { ...a, J: a["Z"]! }) ** 2,
    gradient: "smooth",
  },
];

export const axisOpCases: readonly ShapedCase[] = [...gatherCases, ...axisCases];
