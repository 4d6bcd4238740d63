// Normalising flows: u = m + s ⊙ f_L(… f_1(ε)), every layer a smooth invertible map whose scales and shifts come from a
// network with one hidden layer. The density of a value comes from the layers run backwards, so that stopped leaves
// give the density of a value that still moves (path derivative).

import type { Node } from "../../ir/node.ts";
import { PARTICLE } from "../../objective/term.ts";
import {
  add,
  addAll,
  concat,
  constant,
  div,
  einsum,
  exp,
  expand,
  gather,
  identityLike,
  mul,
  neg,
  noise,
  scalar,
  slice,
  solveLower,
  square,
  stop,
  sub,
  sum,
  tanh,
} from "../../op/index.ts";
import {
  filled,
  INITIAL_SD,
  LOG_2_PI,
  scattered,
  type JointFamily,
  type JointLeaf,
  type JointRequest,
} from "./family.ts";
import * as math from "../../op/special/elementary.ts";

/** One layer at its leaves: y = x ⊙ exp(a) + b, where a and b of each coordinate depend on some of the others. */
type Layer = {
  readonly forward: (x: Node) => Node;
  /** Σ a = log |det dy/dx| at x. */
  readonly logScale: (x: Node) => Node;
  /** The x of a y. `near`: what was drawn there, its value known to be the answer. */
  readonly back: (y: Node, near: Node) => Node;
};

type LayerKind = {
  readonly leaves: (name: string, size: number, hidden: number) => readonly JointLeaf[];
  readonly at: (leaves: readonly Node[], size: number, hidden: number) => Layer;
};

/** Layers start as the identity: the last weights are 0, and move since the first are not. */
const network = (name: string, inputs: number, hidden: number, outputs: number): readonly JointLeaf[] => [
  {
    name: "weights",
    shape: [hidden, inputs],
    start: scattered(name, hidden * inputs, 1 / Math.sqrt(Math.max(inputs, 1))),
  },
  { name: "bias", shape: [hidden], start: scattered(`${name} bias`, hidden, 0.5) },
  { name: "out", shape: [outputs, hidden], start: filled(outputs * hidden, 0) },
  { name: "out_bias", shape: [outputs], start: filled(outputs, 0) },
];
const NETWORK = 4;

const matrixTimes = (W: Node, x: Node): Node => einsum("ij,j->i", W, x);

/** Log scales are held within ±2 by a tanh: no step of the optimiser can make a layer explode. */
const MOST = 2;
const bounded = (x: Node): Node => mul(scalar(MOST), tanh(mul(scalar(1 / MOST), x)));

// ---------------------------------------------------------------------------------------- affine coupling

/** The first half is kept and moves the second (Dinh, Sohl-Dickstein, Bengio 2017, eq. 7-8): the inverse is as
 *  cheap. */
const coupling: LayerKind = {
  leaves: (name, size, hidden) => network(name, Math.max(1, Math.floor(size / 2)), hidden, 2 * Math.ceil(size / 2)),
  at: ([weights, bias, out, outBias], size) => {
    const kept = Math.floor(size / 2);
    const moved = size - kept;
    const front = (x: Node): Node => slice(x, 0, 0, kept);
    const rest = (x: Node): Node => slice(x, 0, kept, moved);
    const scaleAndShift = (x: Node): { readonly a: Node; readonly b: Node } => {
      const h = tanh(kept === 0 ? (bias as Node) : add(matrixTimes(weights as Node, front(x)), bias as Node));
      const both = add(matrixTimes(out as Node, h), outBias as Node);
      return { a: bounded(slice(both, 0, 0, moved)), b: slice(both, 0, moved, moved) };
    };
    const joined = (x: Node, second: Node): Node => (kept === 0 ? second : concat([front(x), second], 0));
    return {
      forward: (x) => {
        const { a, b } = scaleAndShift(x);
        return joined(x, add(mul(rest(x), exp(a)), b));
      },
      logScale: (x) => sum(scaleAndShift(x).a),
      back: (y) => {
        const { a, b } = scaleAndShift(y);
        return joined(y, div(sub(rest(y), b), exp(a)));
      },
    };
  },
};

// ---------------------------------------------------------------------------------------- autoregressive

/** Coordinate i is moved by those before it, through masked weights (Kingma et al. 2016; masks: Germain et al.
 *  2015). */
const autoregressive: LayerKind = {
  leaves: (name, size, hidden) => network(name, size, hidden, 2 * size),
  at: ([weights, bias, out, outBias], size, hidden) => {
    const { first, last } = masks(size, hidden);
    const W = mul(weights as Node, first);
    const V = mul(out as Node, concat([last, last], 0));
    const parts = (x: Node) => {
      const h = tanh(add(matrixTimes(W, x), bias as Node));
      const both = add(matrixTimes(V, h), outBias as Node);
      return { h, raw: slice(both, 0, 0, size), a: bounded(slice(both, 0, 0, size)), b: slice(both, 0, size, size) };
    };
    const forward = (x: Node): Node => {
      const { a, b } = parts(x);
      return add(mul(x, exp(a)), b);
    };
    /** dy/dx = diag(e^a) + (x e^a) da/dx + db/dx, lower triangular. */
    const jacobian = (x: Node): Node => {
      const { h, raw, a } = parts(x);
      const slope = (rows: Node): Node =>
        einsum("ih,hj->ij", rows, mul(W, expand(sub(scalar(1), square(h)), [hidden, size], [0])));
      const along = (v: Node): Node => expand(v, [size, size], [0]);
      const dBounded = sub(scalar(1), square(tanh(mul(scalar(1 / MOST), raw))));
      const fromScale = mul(along(mul(mul(x, exp(a)), dBounded)), slope(slice(V, 0, 0, size)));
      return add(mul(identityLike([size, size]), along(exp(a))), add(fromScale, slope(slice(V, 0, size, size))));
    };
    return {
      forward,
      logScale: (x) => sum(parts(x).a),
      // One Newton step from the x that was drawn: its value is that x, its derivatives are those of the inverse map.
      back: (y, near) => {
        const x = stop(near);
        return add(x, solveLower(stop(jacobian(x)), sub(y, forward(x))));
      },
    };
  },
};

/** Hidden unit h sees the coordinates up to its degree; output i sees the units of a smaller degree. */
function masks(size: number, hidden: number): { readonly first: Node; readonly last: Node } {
  const degree = (h: number): number => (size === 1 ? 0 : h % (size - 1));
  const table = (rows: number, columns: number, entry: (r: number, c: number) => boolean): Node =>
    constant(
      Array.from({ length: rows * columns }, (_, at) => (entry(Math.floor(at / columns), at % columns) ? 1 : 0)),
      [rows, columns],
    );
  return {
    first: table(hidden, size, (h, j) => size > 1 && j <= degree(h)),
    last: table(size, hidden, (i, h) => i > degree(h)),
  };
}

// ---------------------------------------------------------------------------------------- the flow

const KINDS: Readonly<Record<string, LayerKind>> = { coupling, iaf: autoregressive };

const settings = ({ option }: JointRequest) => ({
  kind: KINDS[option("kind") as string] as LayerKind,
  layers: option("layers") as number,
  hidden: option("hidden") as number,
});

export const flow: JointFamily = {
  name: "flow",
  source: "Rezende, Mohamed 2015, Variational inference with normalizing flows, eq. 5-7",
  fixable: false,
  momentum: null,
  leaves: (request) => {
    const { kind, layers, hidden } = settings(request);
    const { name, size } = request;
    const ofLayer = (l: number): readonly JointLeaf[] =>
      kind.leaves(`${name} layer ${l}`, size, hidden).map((leaf) => ({ ...leaf, name: `layer${l + 1}.${leaf.name}` }));
    return [
      { name: "loc", shape: [size], start: filled(size, 0) },
      { name: "log_sd", shape: [size], start: filled(size, math.log(INITIAL_SD)) },
      ...Array.from({ length: layers }, (_, l) => ofLayer(l)).flat(),
    ];
  },
  at: (leaves, request) => {
    const { kind, layers, hidden } = settings(request);
    const { name, size } = request;
    const [loc, logSd] = leaves as [Node, Node];
    const maps = Array.from({ length: layers }, (_, l) => kind.at(leaves.slice(2 + NETWORK * l), size, hidden));
    const start = noise("normal", name, [PARTICLE], [size]);
    // What enters each layer; the order of the coordinates is turned round between layers.
    const entering = [start];
    for (const map of maps.slice(0, -1)) entering.push(turned(map.forward(entering.at(-1) as Node), size));
    const end = (maps.at(-1) as Layer).forward(entering.at(-1) as Node);
    return {
      components: null,
      draw: () => add(loc, mul(exp(logSd), end)),
      logProb: (value) => {
        let y = div(sub(value, loc), exp(logSd));
        const scales = [sum(logSd)];
        for (let l = layers - 1; l >= 0; l--) {
          const map = maps[l] as Layer;
          const x = map.back(y, entering[l] as Node);
          scales.push(map.logScale(x));
          y = l > 0 ? turned(x, size) : x;
        }
        const base = sub(mul(scalar(-0.5), sum(square(y))), scalar(0.5 * size * LOG_2_PI));
        return add(base, neg(addAll(scales)));
      },
    };
  },
};

const turned = (x: Node, size: number): Node =>
  size === 1
    ? x
    : gather(
        x,
        0,
        constant(
          Array.from({ length: size }, (_, i) => size - 1 - i),
          [size],
        ),
      );
