// The optimiser as graph: Adam (Kingma & Ba 2015) uphill on noisy gradients, with a cosine step size. Enters: value and gradient as nodes over the vector
// of all parameters; leaves: the next value of everything that a step changes, so that any engine can make many steps in one call.

import type { Iteration } from "../exec/engine.ts";
import type { Leg, LegState } from "../fit/target.ts";
import type { Axis, Graph, Node } from "../ir/node.ts";
import {
  add,
  and,
  constant,
  div,
  isFinite,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  neg,
  param,
  scalar,
  select,
  sqrt,
  square,
  sub,
  sumAxis,
  toAxis,
  toEvent,
} from "../op/index.ts";

/** The leaf that holds all parameters, one after the other. */
export const PARAMETERS = "%parameters";

/** Entries of the vector lie along an axis, so that whatever is done to them is one loop. */
export const entries = (size: number): Axis => `%entry#${size}`;

/** All parameters as a vector. */
export const allParameters = (size: number): Node => toEvent(vector(PARAMETERS, size), entries(size), 0, size);

/** Of one step, as vectors. */
export type Direction = {
  readonly value: Node;
  readonly gradient: Node;
  /** The mean-zero term c; gradient + λ c has the same mean for every λ. Null: there is none. */
  readonly score: Node | null;
  /** Of the steps: the guide's sd for a Gaussian location, else 1. */
  readonly units: Node;
};

/** For a running average: the share of its `gradient`, the distance to what it follows, by which it moves per step; 0 for what Adam moves. */
export type Averaged = Float64Array;

const BETA1 = 0.9;
const BETA2 = 0.999;
const TINY = 1e-8;
/** Added and taken off again, what is much smaller is rounded: it comes to rest before it is a denormal number, which costs a hundred times an ordinary
 *  one. */
const SMALLEST = 1e-25;
/** Powers of the betas stay at least this. */
const LEAST_POWER = 1e-30;
/** Of the moving averages that the weight of the score term follows, steps before it is more than 0, and its largest value. */
const DECAY = 0.99;
const WARM_UP = 10;
const LARGEST = 4;

/** A number or vector that steps carry on: its leaf, and what it is after a step. */
type Carried = { readonly leaf: Node; readonly next: Node };
type State = Readonly<Record<string, Carried>>;

const number = (name: string): Node => param(name, [], []);
const vector = (name: string, size: number): Node => param(name, [entries(size)], []);
const along = (x: Node): Node => toAxis(x, 0, entries(x.shape[0]!));
const plusOne = (x: Node): Node => add(x, scalar(1));
const flushed = (x: Node): Node => sub(add(x, scalar(SMALLEST)), scalar(SMALLEST));
const mix = (share: number, old: Node, now: Node): Node => add(mul(scalar(share), old), mul(scalar(1 - share), now));

/** The graph of one step, and what an engine carries from step to step. A step whose value or gradient is not finite changes no parameter, and its
 *  recorded value is NaN. */
export function ascentGraph(
  direction: Direction,
  averaged: Averaged,
): { readonly graph: Graph; readonly iteration: Iteration } {
  const { value } = direction;
  const [gradient, score] = [along(direction.gradient), direction.score === null ? null : along(direction.score)];
  const good = isGood(value, gradient, score);
  const kept = (state: State): State =>
    Object.fromEntries(
      Object.entries(state).map(([name, { leaf, next }]) => [name, { leaf, next: select(good, next, leaf) }]),
    );
  const units = along(direction.units);
  const total = mul(gradient, units);
  const weight = score === null ? {} : weightState(total, mul(score, units));
  const whole = score === null ? total : add(total, mul(number("weight.now"), mul(score, units)));
  const moved = kept(adamState(gradient, whole, units, averaged));
  const state: State = {
    ...moved,
    ...kept(weight),
    ...tailState((moved[PARAMETERS] as Carried).next, averaged.length),
  };
  const next = (name: string): string => `next ${name}`;
  return {
    graph: {
      outputs: {
        value: select(good, value, scalar(NaN)),
        ...Object.fromEntries(Object.entries(state).map(([name, carried]) => [next(name), carried.next])),
      },
    },
    iteration: {
      carry: Object.fromEntries(Object.keys(state).map((name) => [name, next(name)])),
      record: ["value"],
    },
  };
}

/** A sum is finite where all its terms are, short of overflow; Adam would divide by the root of an infinite square long before. */
function isGood(value: Node, gradient: Node, score: Node | null): Node {
  const all = score === null ? gradient : add(gradient, score);
  return isFinite(add(value, sumAxis(all, all.axes[0]!)));
}

// ---------------------------------------------------------------------------------------- Adam

/** m' = β₁ m + (1 - β₁) g, v' = β₂ v + (1 - β₂) g², p' = p + unit · rate · (m' / (1 - β₁ᵗ)) / (√(v' / (1 - β₂ᵗ)) + tiny), g in units. */
function adamState(gradient: Node, whole: Node, units: Node, averaged: Averaged): State {
  const size = averaged.length;
  const [params, first, second] = [PARAMETERS, "adam.first", "adam.second"].map((name) => vector(name, size)) as [
    Node,
    Node,
    Node,
  ];
  const [power1, power2] = [number("adam.power1"), number("adam.power2")];
  const nextPower = (power: Node, beta: number): Node => maximum(mul(power, scalar(beta)), scalar(LEAST_POWER));
  const [next1, next2] = [nextPower(power1, BETA1), nextPower(power2, BETA2)];
  const m = flushed(mix(BETA1, first, whole));
  const v = flushed(mix(BETA2, second, square(whole)));
  const size1 = div(rateNow(), sub(scalar(1), next1));
  const root = sqrt(mul(v, div(scalar(1), sub(scalar(1), next2))));
  const step = mul(mul(units, size1), div(m, add(root, scalar(TINY))));
  return {
    [PARAMETERS]: { leaf: params, next: withAverages(params, add(params, step), gradient, averaged) },
    "adam.first": { leaf: first, next: m },
    "adam.second": { leaf: second, next: v },
    "adam.power1": { leaf: power1, next: next1 },
    "adam.power2": { leaf: power2, next: next2 },
  };
}

function withAverages(params: Node, moved: Node, gradient: Node, averaged: Averaged): Node {
  if (averaged.every((share) => share === 0)) return moved;
  const shares = along(constant([...averaged], [averaged.length]));
  return select(shares, add(params, mul(shares, gradient)), moved);
}

/** sin(π u / 2) / u by powers of u², for u from 0 to 1, to 1e-13: interpolated at Chebyshev nodes. */
const QUARTER_SINE = [
  1.5707963267948175, -0.6459640974984949, 0.07969262612208577, -0.00468175339012288, 0.00016043905209111044,
  -3.595705796931505e-6, 5.462549864596071e-8,
];

/** rate (1 + cos(π t / length)) / 2 = rate sin²(π u / 2), where u is the part that is left: a short polynomial, where a cosine of any number would be an
 *  eighth of a small step. */
function rateNow(): Node {
  const left = sub(scalar(1), div(number("ascent.step"), number("ascent.length")));
  const z = square(left);
  const ratio = QUARTER_SINE.map(scalar).reduceRight((sum, coefficient) => add(mul(sum, z), coefficient));
  return mul(number("ascent.rate"), square(mul(left, ratio)));
}

/** The number of the step, and the sum of the iterates of the last `tail` steps, by Kahan's rule (1965): float32 keeps all its digits too. */
function tailState(params: Node, size: number): State {
  const step = number("ascent.step");
  const [sums, lost] = [vector("ascent.sum", size), vector("ascent.lost", size)];
  const added = sub(params, lost);
  const total = add(sums, added);
  const inTail = lessEqual(sub(number("ascent.length"), number("ascent.tail")), step);
  return {
    "ascent.step": { leaf: step, next: plusOne(step) },
    "ascent.sum": { leaf: sums, next: select(inTail, total, sums) },
    "ascent.lost": { leaf: lost, next: select(inTail, sub(sub(total, sums), added), lost) },
  };
}

// ---------------------------------------------------------------------------------------- the weight of the score term

/** λ of the next step, where it is adaptive: -E[g·c] / E[c·c], the minimiser of E|g + λ c|² (c has mean zero, so nothing is centred), from earlier steps
 *  only, which keeps the gradient unbiased. Both averages start at zero, and their ratio needs no correction for it. */
function weightState(total: Node, score: Node): State {
  const [now, steps] = [number("weight.now"), number("weight.steps")];
  const [cross, square2] = [number("weight.cross"), number("weight.square")];
  const nextCross = mix(DECAY, cross, sumAxis(mul(total, score), score.axes[0]!));
  const nextSquare = flushed(mix(DECAY, square2, sumAxis(square(score), score.axes[0]!)));
  const clipped = minimum(maximum(neg(div(nextCross, nextSquare)), scalar(0)), scalar(LARGEST));
  const nextSteps = plusOne(steps);
  const known = and(lessEqual(scalar(WARM_UP), nextSteps), less(scalar(0), nextSquare));
  return {
    "weight.now": { leaf: now, next: select(number("weight.adaptive"), select(known, clipped, scalar(0)), now) },
    "weight.steps": { leaf: steps, next: nextSteps },
    "weight.cross": { leaf: cross, next: nextCross },
    "weight.square": { leaf: square2, next: nextSquare },
  };
}

// ---------------------------------------------------------------------------------------- as numbers

type Values = Readonly<Record<string, Float64Array>>;

const one = (value: number): Float64Array => Float64Array.of(value);

/** The leaves of a run before its first step. */
export function beginning({ params, length, rate, weight }: Leg): Values {
  const zeros = (): Float64Array => new Float64Array(params.length);
  return {
    [PARAMETERS]: params,
    "adam.first": zeros(),
    "adam.second": zeros(),
    "adam.power1": one(1),
    "adam.power2": one(1),
    "ascent.rate": one(rate),
    "ascent.length": one(length),
    "ascent.tail": one(tailOf(length)),
    "ascent.step": one(0),
    "ascent.sum": zeros(),
    "ascent.lost": zeros(),
    "weight.adaptive": one(weight.adaptive ? 1 : 0),
    "weight.now": one(weight.now),
    "weight.steps": one(weight.steps),
    "weight.cross": one(weight.cross),
    "weight.square": one(weight.square),
  };
}

/** Steps whose iterates are averaged: the last eighth. */
const tailOf = (length: number): number => Math.max(1, Math.floor(length / 8));

/** What the leaves of a run that made all its steps come to. */
export function reached(leaves: Values): LegState {
  const values = (name: string): Float64Array => leaves[name] as Float64Array;
  const at = (name: string): number => values(name)[0] as number;
  return {
    params: values(PARAMETERS),
    average: values("ascent.sum").map((total, i) => (total - (values("ascent.lost")[i] as number)) / at("ascent.tail")),
    weight: {
      adaptive: at("weight.adaptive") === 1,
      now: at("weight.now"),
      steps: at("weight.steps"),
      cross: at("weight.cross"),
      square: at("weight.square"),
    },
  };
}
