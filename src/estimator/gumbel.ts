// Gumbel-Softmax (Concrete): the gradient of the cost at a relaxed value between the states. The hard draw stays the
// value of the site, so that the objective's value is the same as for every other estimator; the relaxed cost enters as
// a surrogate.

import { div, scalar, sub } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { listedOf, logExponential, softmax, winner } from "./race.ts";
import { firstOf, unlessIndependentMembers, unlessListed, unlessSmooth, unlessTemperature } from "./refusals.ts";

export const gumbel: Estimator = {
  name: "gumbel",
  doc: "Differentiates the cost at a relaxed one-hot vector, softmax((θ + Gumbel)/τ), that moves smoothly with the logits.",
  formula: "∇ f(y), y = softmax((θ + Gumbel)/τ)",
  source: "Maddison, Mnih, Teh 2017, The Concrete distribution; Jang, Gu, Poole 2017",
  bias: { why: "unbiased for the relaxed cost only; the bias falls and the noise grows as the temperature goes to 0" },
  cost: "one draw, two evaluations: the hard value's and the relaxed one's",
  notFirst: "admitted, but it sees the cost between the states, where the model is never used",
  options: { temperature: "of the softmax, above 0 (default 0.5)" },
  fixable: false,
  refuses: firstOf(unlessListed, unlessSmooth, unlessIndependentMembers, unlessTemperature),
  place: (site, { temperature = 0.5 }) => {
    const { states, logits } = listedOf(site);
    const logE = logExponential(site, "race", states.count);
    const relaxed = softmax(div(sub(logits, logE), scalar(Number(temperature))));
    return { value: states.fromHot(winner(logits, logE)), path: (cost) => cost.whole(states.fromHot(relaxed)) };
  },
};
