// Cases of leaves, control and draws.

import type { Node } from "../../src/ir/node.ts";
import {
  axisSize,
  constant,
  data,
  drawBinomial,
  drawGamma,
  drawPoisson,
  drawVonMises,
  equal,
  exp,
  fill,
  floor,
  grown,
  iota,
  mark,
  mul,
  noise,
  scalar,
  square,
  stop,
  sub,
  sumAxis,
  through,
} from "../../src/op/index.ts";
import { leaf, type ShapedCase } from "./op-case.ts";

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
    title: "grown has the value of the first, and a gradient as of the exponential of the second",
    ops: ["grown"],
    leaves: { x: leaf(["J"], [2]), y: leaf(["K"], []) },
    build: ({ x, y }) => square(grown(mul(y!, exp(stop(x!))), x!)),
    value: (get, a, [i]) => (get("y", a) * Math.exp(get("x", a, i!))) ** 2,
    gradient: "smooth",
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
  sharesStreams("drawVonMises", (x) => drawVonMises(key, x)),
  sharesStreams("drawPoisson", (x) => drawPoisson(key, x)),
  sharesStreams("drawBinomial", (x) => drawBinomial(key, constant([5], []), x)),
];

export const restCases: readonly ShapedCase[] = [...leafCases, ...controlCases, ...randomCases];
