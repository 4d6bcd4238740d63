// One site of listed values by hand, in runs side by side: members K with logits of their own, and a cost of all members' one-hot values. What an
// estimator makes of it falls out per run, without model, guide or objective.

import type { Estimator, EstimatorOptions, Site } from "../../src/estimator/estimator.ts";
import { estimators } from "../../src/estimator/index.ts";
import type { Axis, Node } from "../../src/ir/node.ts";
import { allAxes } from "../../src/ir/walk.ts";
import { meanOverParticles } from "../../src/objective/elbo.ts";
import { PARTICLE } from "../../src/objective/term.ts";
import {
  add,
  axisSize,
  constant,
  div,
  log,
  logSoftmax,
  mul,
  neg,
  noise,
  param,
  pick,
  previous,
  scalar,
  stop,
  sub,
  sumAxis,
  toEvent,
} from "../../src/op/index.ts";
import { largest } from "../../src/dist/draw.ts";
import { grad } from "../../src/pass/grad.ts";
import { valuesOf } from "./run-graph.ts";

/** A cost of the value `D` of all members, event [members, states]. */
export type CostOf = (D: Node) => Node;

/** Where a stream of noise is read. `draw`: along the estimator's own axis, where it has one. */
export type Place = { readonly draw: number; readonly member: number; readonly run: number; readonly particle: number };

export type Setup = {
  /** Logits [member][state]. */
  readonly theta: readonly (readonly number[])[];
  readonly cost: CostOf;
  readonly runs?: number;
  readonly particles?: number;
  /** Uniforms of a stream at a place, one per element of its event; streams that are not named are random. */
  readonly tape?: Readonly<Record<string, (at: Place) => readonly number[]>>;
  /** What the member before adds to the logits of its own state: a guide that goes from member to member, two at most. */
  readonly carried?: number;
  /** In place of the start of a learned number. */
  readonly learned?: Readonly<Record<string, readonly number[]>>;
};

const MEMBER: Axis = "K";
const RUN: Axis = "R";

export const rowOf = (name: string): Estimator => estimators.find((e) => e.name === name) ?? missing(name);

/** `%draws of z#32`. */
const sizeInName = (axis: Axis): number => Number(axis.replace(/^.*#/, ""));

const missing = (name: string): never => {
  throw new Error(`there is no estimator ${name}`);
};

/** Estimates [run][member][state] of the gradient in the logits; `hot`: the drawn values [run][particle][member][state]. */
export type Found = { readonly gradient: number[][][]; readonly hot: number[][][][] };

export function estimates(name: string, options: EstimatorOptions, setup: Setup): Found {
  const { theta, cost, runs = 1, particles = 1 } = setup;
  const [members, states] = [theta.length, theta[0]!.length];
  const leaf = param("theta", [MEMBER, RUN], [states]);
  const draws = new Map<string, number>();
  const site = siteOf(leaf, states, setup, draws);
  const placed = rowOf(name).place(site, options);
  const whole = (value: Node): Node => cost(toEvent(value, MEMBER, 0, members));
  const here = whole(placed.value);
  const credit = {
    here,
    at: whole,
    whole,
    baseline: () => div(sub(sumAxis(here, PARTICLE), here), add(axisSize(PARTICLE), scalar(-1))),
  };
  const parts = [
    here,
    ...(placed.surrogate === undefined ? [] : [sumAxis(placed.surrogate(credit), MEMBER)]),
    ...(placed.path === undefined ? [] : [placed.path(credit)]),
  ];
  const root = sumAxis(meanOverParticles(parts.reduce(add)), RUN);
  const nodes = [add(mul(scalar(0), leaf), grad(root, [leaf])[0]!), stop(placed.value)];
  const sizes: Record<Axis, number> = { [MEMBER]: members, [RUN]: runs, [PARTICLE]: particles };
  for (const axis of allAxes(nodes)) sizes[axis] ??= sizeInName(axis);
  const params = { theta: Float64Array.from(theta.flatMap((row) => Array.from({ length: runs }, () => row).flat())) };
  const [gradient, hot] = valuesOf(nodes, params, sizes, { noise: tapeOf(setup, draws), seed: 91 });
  const slot = (of: Float64Array, place: number): number[] => [...of.subarray(place * states, (place + 1) * states)];
  return {
    gradient: range(runs).map((r) => range(members).map((k) => slot(gradient!.values, k * runs + r))),
    hot: range(runs).map((r) =>
      range(particles).map((p) => range(members).map((k) => slot(hot!.values, (k * runs + r) * particles + p))),
    ),
  };
}

const range = (n: number): number[] => [...Array(n).keys()];

function siteOf(leaf: Node, count: number, { theta, carried, learned = {} }: Setup, draws: Map<string, number>): Site {
  const axes = [MEMBER, RUN, PARTICLE];
  const stream: Site["noise"] = (kind, tag, event, extra = []) => {
    draws.set(tag, extra.length === 0 ? 1 : sizeInName(extra[0]!));
    return noise(kind, `z%${tag}`, [...axes, ...extra], event);
  };
  const race = (logits: Node): Node => largest(sub(stop(logits), logExponentialOf(stream, count)));
  const before = (): Node =>
    previous(race(leaf), constant(Array<number>(count).fill(0), [count]), MEMBER, theta.length, "forward");
  const logits = logSoftmax(carried === undefined ? leaf : add(leaf, mul(scalar(carried), before())));
  const guide = { logProb: (value: Node) => pick(value, logits), logits: () => logits };
  return {
    name: "z",
    span: { source: { path: "", text: "" }, start: 0, end: 0 },
    plates: [MEMBER],
    axes,
    guide,
    frozen: { ...guide, logProb: (value) => pick(value, stop(logits)) },
    draw: () => race(logits),
    path: null,
    supportMoves: false,
    sequential: false,
    kl: () => null,
    components: null,
    states: { count, fromHot: (hot) => hot },
    noise: stream,
    learned: (tag, start, shape) => constant(learned[tag] ?? start, shape),
  };
}

/** -log u is an exponential. */
const logExponentialOf = (stream: Site["noise"], count: number): Node =>
  log(neg(log(stream("uniform", "race", [count]))));

/** The uniforms of the named streams, laid out as the engine reads them: the estimator's own axis before the letters, then members, runs, particles. */
function tapeOf(
  { theta, runs = 1, particles = 1, tape = {} }: Setup,
  draws: ReadonlyMap<string, number>,
): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(tape).map(([tag, at]) => [
      `z%${tag}`,
      Float64Array.from(
        range(draws.get(tag) ?? 0).flatMap((draw) =>
          theta.flatMap((_, member) =>
            range(runs).flatMap((run) => range(particles).flatMap((particle) => at({ draw, member, run, particle }))),
          ),
        ),
      ),
    ]),
  );
}
