// REBAR and RELAX: score function with a control variate at a relaxed draw, whose own mean is taken back along its path. Unbiased for every value of
// the numbers that it learns (discrete_estimators, section 10).

import type { Node } from "../ir/node.ts";
import { add, div, einsum, exp, mul, scalar, stop, sub, sum, tanh } from "../op/index.ts";
import type { Cost, Estimator, EstimatorOptions, Placed, Site } from "./estimator.ts";
import { conditionalGumbels, listedOf, logExponential, softmax, winner } from "./race.ts";
import { firstOf, unlessIndependentMembers, unlessListed, unlessNumber, unlessSmooth, unlessSupportFixed } from "./refusals.ts";

/** Control variate at a relaxed one-hot vector. */
type Control = {
  /** Per member; and of all members together, null where their sum is that. */
  readonly at: (cost: Cost, relaxed: Node) => Node; readonly whole: ((cost: Cost, relaxed: Node) => Node) | null;
  readonly eta: Node; readonly temperature: Node; readonly learned: readonly Node[];
};

/** (f(D) - eta c(s1)) grad log q + eta grad (c(s0) - c(s1)): s0 relaxes the draw's own noise, s1 noise drawn given the value, live in the logits with the
 *  value held. Numbers that are learned stay live everywhere: leaves are stopped, never results. */
function place(site: Site, control: Control): Placed {
  const { states, logits, held } = listedOf(site);
  const { count, fromHot } = states;
  const race = logExponential(site, "race", count);
  const again = logExponential(site, "conditional", count);
  const hot = winner(logits, race);
  const value = fromHot(hot);
  const { eta, temperature } = control;
  const relax = (x: Node): Node => softmax(div(x, temperature));
  const given = (theta: Node): Node => relax(conditionalGumbels(theta, hot, again));
  const moved = (c: Control["at"], cost: Cost): Node => mul(eta, sub(c(cost, relax(sub(logits, race))), c(cost, given(logits))));
  return {
    value,
    surrogate: (cost) => {
      const scored = mul(sub(stop(cost.here), mul(eta, control.at(cost, given(held)))), site.guide.logProb(value));
      return control.whole === null ? add(scored, moved(control.at, cost)) : scored;
    },
    ...(control.whole === null ? {} : { path: (cost) => moved(control.whole ?? control.at, cost) }),
    tune: control.learned.map((leaf) => ({ leaf, rule: "variance" })),
  };
}

const startOf = (options: EstimatorOptions, name: string, otherwise: number): number =>
  typeof options[name] === "number" ? options[name] : otherwise;

export const rebar: Estimator = {
  name: "rebar",
  doc: "Score function with the cost at a relaxed draw as control variate; its weight and temperature learn to lower the variance.",
  formula: "(f(D) - η f(s̃)) ∇ log q + η ∇ (f(s) - f(s̃)), s = softmax(z/τ), s̃ = softmax(z̃/τ), z̃ ~ (z | D)",
  source: "Tucker, Mnih, Maddison, Lawson, Sohl-Dickstein 2017, REBAR, eq. 7",
  bias: "none",
  cost: "one draw, three evaluations, and a second derivative to tune",
  notFirst: "admitted, but three evaluations and a second derivative per step",
  options: { eta: "where the control variate's weight starts (default 1)", temperature: "where the temperature starts (default 0.5)" },
  fixable: false,
  refuses: firstOf(
    unlessListed, unlessSmooth, unlessIndependentMembers, unlessSupportFixed, unlessNumber("temperature", (t) => t > 0, "a positive number"),
    unlessNumber("eta", Number.isFinite, "a number"),
    (_site, { below }) => {
      const noisy = below.filter(({ discrete, estimator }) => discrete && estimator !== "enumerate").map(({ name }) => name);
      return noisy.length === 0
        ? null
        : { reason: `the draw of ${noisy.join(", ")} jumps as the relaxed value moves, which its derivative misses`, hint: "use loo, or enumerate the sites below" };
    },
  ),
  place: (site, options) => {
    const eta = site.learned("eta", [startOf(options, "eta", 1)], [], "site");
    const logTau = site.learned("log_temperature", [Math.log(startOf(options, "temperature", 0.5))], [], "site");
    const { fromHot } = listedOf(site).states;
    return place(site, {
      at: (cost, relaxed) => cost.at(fromHot(relaxed)), whole: (cost, relaxed) => cost.whole(fromHot(relaxed)),
      eta, temperature: exp(logTau), learned: [eta, logTau],
    });
  },
};

const HIDDEN = 8;

/** Small numbers that differ from each other. */
const scattered = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => 0.5 * Math.sin(1 + 2.4 * i));

export const relax: Estimator = {
  name: "relax",
  doc: "Score function with a small network of the relaxed draw as control variate; it learns to lower the variance and needs no derivative of the cost.",
  formula: "(f(D) - c(s̃)) ∇ log q + ∇ (c(s) - c(s̃)), c a network of one hidden layer",
  source: "Grathwohl, Choi, Wu, Roeder, Duvenaud 2018, Backpropagation through the Void, eq. 8",
  bias: "none",
  cost: "one draw, one evaluation, the network twice, and a second derivative to tune",
  notFirst: "admitted, but its control variate has to be learned first",
  options: { temperature: "where the temperature starts (default 0.5)" },
  fixable: false,
  refuses: firstOf(unlessListed, unlessIndependentMembers, unlessSupportFixed, unlessNumber("temperature", (t) => t > 0, "a positive number")),
  place: (site, options) => {
    const { count } = listedOf(site).states;
    const inner = site.learned("inner", scattered(HIDDEN * count), [HIDDEN, count], "site");
    const shift = site.learned("shift", scattered(HIDDEN), [HIDDEN], "site");
    const outer = site.learned("outer", Array<number>(HIDDEN).fill(0), [HIDDEN], "site");
    const logTau = site.learned("log_temperature", [Math.log(startOf(options, "temperature", 0.5))], [], "site");
    const at = (_cost: Cost, s: Node): Node => sum(mul(outer, tanh(add(einsum("hc,c->h", inner, s), shift))));
    return place(site, { at, whole: null, eta: scalar(1), temperature: exp(logTau), learned: [inner, shift, outer, logTau] });
  },
};
