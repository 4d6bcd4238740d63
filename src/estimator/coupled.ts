// Two draws from one noise, u and 1 - u: ARM for two states, and DisARM, its conditional mean, for any number of states by stick-breaking
// (discrete_estimators, section 9).

import type { Node } from "../ir/node.ts";
import {
  abs, add, concat, constant, cumsum, equal, expand, less, lse, mul, not, scalar, select, sigmoid, slice, stop, sub, sum,
} from "../op/index.ts";
import type { Cost, Estimator } from "./estimator.ts";
import { listedOf } from "./race.ts";
import { firstOf, unlessBinary, unlessIndependentMembers, unlessListed, unlessSupportFixed } from "./refusals.ts";

// ---------------------------------------------------------------------------------------- sticks

/** A draw by sticks b_i = [u_i < sigmoid(alpha_i)]: the one-hot value, and which sticks came before its end. */
type Broken = { readonly sticks: Node; readonly alive: Node; readonly hot: Node };

/** alpha_i = theta_i - log sum_{m > i} e^theta_m: the logit of state i among those not before it. Event [C] to [C - 1]. */
function stickLogits(theta: Node, count: number): Node {
  const later = Array.from({ length: (count - 1) * count }, (_, k) => (k % count > Math.floor(k / count) ? 1 : 0));
  const rows = select(constant(later, [count - 1, count]), expand(theta, [count - 1, count], [1]), scalar(-1e300));
  return sub(slice(theta, 0, 0, count - 1), lse(rows, [1]));
}

function broken(alpha: Node, u: Node): Broken {
  const sticks = less(u, sigmoid(alpha));
  const alive = equal(sub(cumsum(sticks, 0), sticks), scalar(0));
  const chosen = mul(alive, sticks);
  const last = sub(scalar(1), sum(chosen));
  return { sticks, alive, hot: concat([chosen, expand(last, [1], [])], 0) };
}

/** The gradient in alpha of each stick: coupled where both draws reached it, score where only one did. */
function stickGradient(x: Broken, y: Broken, alpha: Node, gap: Node): Node {
  const sign = sub(scalar(1), mul(scalar(2), y.sticks));
  const both = mul(mul(scalar(0.5), not(equal(x.sticks, y.sticks))), mul(sign, sigmoid(abs(alpha))));
  const alone = (b: Broken): Node => mul(scalar(0.5), sub(b.sticks, sigmoid(alpha)));
  const onlyX = mul(x.alive, sub(scalar(1), y.alive));
  const onlyY = mul(y.alive, sub(scalar(1), x.alive));
  const factor = add(mul(mul(x.alive, y.alive), both), sub(mul(onlyX, alone(x)), mul(onlyY, alone(y))));
  return mul(gap, factor);
}

export const disarm: Estimator = {
  name: "disarm",
  doc: "Two draws from u and 1 - u, with the noise integrated out given both: for two states the conditional mean of arm; for more, stick by stick.",
  formula: "G = (f(b) - f(b̃)) [b ≠ b̃] (-1)^b̃ σ(|φ|) / 2 per stick that both draws reach, ± (f - f̃)(b - p)/2 where one does",
  source: "Dong, Mnih, Tucker 2020, DisARM; 2021, Coupled gradient estimators for discrete latent variables (stick-breaking form); Yin, Ho, Yan, Qian, Zhou 2020, U2G",
  bias: "none",
  cost: "two draws, two evaluations",
  notFirst: "admitted, but noisier than arsm, which evaluates every swap",
  options: {},
  fixable: false,
  refuses: firstOf(unlessListed, unlessIndependentMembers, unlessSupportFixed),
  place: (site) => {
    const { states, logits, held } = listedOf(site);
    const u = site.noise("uniform", "sticks", [states.count - 1]);
    const alpha = stickLogits(held, states.count);
    const [x, y] = [broken(alpha, u), broken(alpha, sub(scalar(1), u))];
    return {
      value: states.fromHot(x.hot),
      surrogate: (cost: Cost) => {
        const gap = sub(cost.here, cost.at(states.fromHot(y.hot)));
        return sum(mul(stickLogits(logits, states.count), stop(stickGradient(x, y, alpha, gap))));
      },
    };
  },
};

// ---------------------------------------------------------------------------------------- ARM

export const arm: Estimator = {
  name: "arm",
  doc: "Two draws of a Boolean from one uniform, and their difference times its distance from a half.",
  formula: "G = (f([u > σ(-φ)]) - f([u < σ(φ)])) (u - 1/2)",
  source: "Yin, Zhou 2019, ARM: Augment-REINFORCE-merge gradient for stochastic binary networks, eq. 5",
  bias: "none",
  cost: "two draws, two evaluations",
  notFirst: "admitted, but disarm is its conditional mean at the same price",
  options: {},
  fixable: false,
  refuses: firstOf(unlessBinary, unlessIndependentMembers, unlessSupportFixed),
  place: (site) => {
    const { states, logits, held } = listedOf(site);
    const phi = (x: Node): Node => sum(mul(x, constant([-1, 1], [2])));
    const u = site.noise("uniform", "arm", []);
    const value = (second: Node): Node => states.fromHot(concat([expand(sub(scalar(1), second), [1], []), expand(second, [1], [])], 0));
    const own = less(u, sigmoid(phi(held)));
    const other = less(sub(scalar(1), u), sigmoid(phi(held)));
    return {
      value: value(own),
      surrogate: (cost) => mul(phi(logits), stop(mul(sub(cost.at(value(other)), cost.here), sub(u, scalar(0.5))))),
    };
  },
};
