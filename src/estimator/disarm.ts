// Two draws from one noise, u and 1 - u, and the conditional mean given both (discrete_estimators, sections 9.2 and
// 9.3).

import { mul, scalar, stop, sub, sum } from "../op/index.ts";
import type { Cost, Estimator } from "./estimator.ts";
import { listedOf } from "./race.ts";
import { firstOf, unlessIndependentMembers, unlessListed, unlessSupportFixed } from "./refusals.ts";
import { broken, stickGradient, stickLogits } from "./sticks.ts";

export const disarm: Estimator = {
  name: "disarm",
  doc: "Two draws from u and 1 - u, with the noise integrated out given both: for two states the conditional mean of arm; for more, stick by stick.",
  formula:
    "G = (f(b) - f(b̃)) [b ≠ b̃] (-1)^b̃ σ(|φ|) / 2 per stick that both draws reach, ± (f - f̃)(b - p)/2 where one does",
  source:
    "Dong, Mnih, Tucker 2020, DisARM; 2021, Coupled gradient estimators for discrete latent variables (stick-breaking form); Yin, Ho, Yan, Qian, Zhou 2020, U2G",
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
