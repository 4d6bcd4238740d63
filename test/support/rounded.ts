// What a precision costs a graph, and the WebAssembly engine judged by it: the reference engine with every number on the way off by a last place.

import type { Engine, Inputs, Tensor } from "../../src/exec/engine.ts";
import { reference } from "../../src/exec/reference.ts";
import type { Precision } from "../../src/exec/wasm/code/lanes.ts";
import { simplest } from "../../src/exec/wasm/simple/simplest.ts";
import { wasmWith } from "../../src/exec/wasm.ts";
import { make } from "../../src/ir/make.ts";
import type { Graph, Node } from "../../src/ir/node.ts";
import type { MapOp } from "../../src/ir/op.ts";
import { topological } from "../../src/ir/walk.ts";
import { exp } from "../../src/op/index.ts";
import type { Difference } from "./engines.ts";
import type { Values } from "./run-graph.ts";

const opOf = (name: string, scalar: (x: number) => number): MapOp => ({
  ...(exp.op as MapOp),
  name,
  scalar,
  grad: null,
  build: null,
});

/** x off by a last place of so many bits, one way or the other; whole numbers below a thousand stay. */
const offBy =
  (bits: number, turns: number) =>
  (x: number): number =>
    Number.isInteger(x) && Math.abs(x) < 1000 ? x : x * (1 + 2 ** -bits * Math.sin(turns * x));

/** A way to be off: of numbers, and of normal noise (test/wasm-noise.test.ts). */
type Rounding = { readonly round: MapOp; readonly noise: MapOp };
const alike = (round: MapOp): Rounding => ({ round, noise: round });

/** `near`: part of the largest number of an array by which all may be off; `least`: what is smaller may be 0. */
const JUDGES = {
  f64: {
    near: 1e-10,
    roundings: [alike(opOf("lastPlace", offBy(52, 1e5))), alike(opOf("otherLastPlace", offBy(52, 7e5)))],
    least: 1e-300,
  },
  f32: {
    near: 1e-4,
    roundings: [
      { round: opOf("toSingle", Math.fround), noise: opOf("noiseOff", (x) => x + 2e-6 * Math.sin(1e5 * x)) },
      { round: opOf("nearSingle", offBy(23, 1e5)), noise: opOf("otherNoiseOff", (x) => x + 2e-6 * Math.sin(7e5 * x)) },
    ],
    least: 2 ** -116,
  },
} as const;

/** The simplified graph with every value rounded as soon as it is known (those inside the steps of a scan are not). */
export function rounded({ outputs }: Graph, rounding: Rounding): Graph {
  const names = Object.keys(outputs);
  const roots = simplest(Object.values(outputs));
  const made = new Map<Node, Node>();
  for (const node of topological(roots)) {
    const inputs = node.inputs.map((input) => made.get(input)!);
    const isSame = inputs.every((input, i) => input === node.inputs[i]);
    const own = isSame ? node : make(node.op, inputs, node.attrs, node.body);
    made.set(node, node.op.name === "constant" ? own : make(roundingOf(node, rounding), [own]));
  }
  return { outputs: Object.fromEntries(names.map((name, i) => [name, made.get(roots[i]!)!])) };
}

const roundingOf = ({ op, attrs }: Node, { round, noise }: Rounding): MapOp =>
  op.name === "noise" && attrs["kind"] === "normal" ? noise : round;

export type Judged = Difference & {
  /** Numbers that were compared, and those that are finite. */
  readonly counted: number;
  readonly finite: number;
};

/** How often what rounding every value once costs, since sums round at every term. */
const TIMES = 30;

/** The number that is furthest off, with `error` in parts of what it may be off: a part of the largest number of its array, and thirty times what rounding moves
 *  that array, where its terms cancel. What rounding alone makes infinite or no number lies beyond the precision and is not counted. */
export function judged(
  graph: Graph,
  data: Values,
  inputs: Inputs,
  precision: Precision,
  engine: Engine = wasmWith({ precision }),
): Judged {
  const given = precision === "f32" ? { ...inputs, params: mapped(inputs.params, Math.fround) } : inputs;
  const exact = reference.load(graph, data).run(given);
  const found = engine.load(graph, data).run(given);
  const near = JUDGES[precision].roundings.map((own) => reference.load(rounded(graph, own), data).run(given));
  return Object.keys(exact)
    .map((name) =>
      ofArray(
        name,
        exact[name]!,
        found[name]!,
        near.map((run) => run[name]!),
        precision,
      ),
    )
    .reduce((a, b) => ({
      ...(b.error > a.error ? b : a),
      counted: a.counted + b.counted,
      finite: a.finite + b.finite,
    }));
}

const mapped = (values: Values, f: (x: number) => number): Values =>
  Object.fromEntries(Object.entries(values).map(([name, own]) => [name, own.map(f)]));

function ofArray(output: string, exact: Tensor, found: Tensor, near: readonly Tensor[], precision: Precision): Judged {
  const finite = [...exact.values.keys()].filter((i) => Number.isFinite(exact.values[i]!));
  const places = finite.filter((i) => [found, near[0]!].some(({ values }) => Number.isFinite(values[i]!)));
  const largest = (of: (i: number) => number): number =>
    places.reduce((most, i) => (Number.isFinite(of(i)) ? Math.max(most, Math.abs(of(i))) : most), 0);
  const lost = Math.max(...near.map((run) => largest((i) => exact.values[i]! - run.values[i]!)));
  const { near: part, least } = JUDGES[precision];
  const allowed = part * largest((i) => exact.values[i]!) + TIMES * lost + least;
  const counts = { counted: places.length, finite: finite.length };
  return places
    .map((at): Judged => {
      const [expected, own] = [exact.values[at]!, found.values[at]!];
      const error = Math.abs(own - expected) / allowed;
      return { output, at, expected, found: own, error: Number.isNaN(error) ? Infinity : error, ...counts };
    })
    .reduce((a, b) => (b.error > a.error ? b : a), { output, at: 0, expected: 0, found: 0, error: 0, ...counts });
}
