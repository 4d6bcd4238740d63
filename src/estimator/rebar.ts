// Score function with the cost itself at a relaxed draw as control variate.

import { exp } from "../op/index.ts";
import { placeControlled, startOf } from "./control-variate.ts";
import type { Estimator } from "./estimator.ts";
import { listedOf } from "./race.ts";
import {
  firstOf,
  unlessIndependentMembers,
  unlessListed,
  unlessNumber,
  unlessSmooth,
  unlessSupportFixed,
  unlessTemperature,
} from "./refusals.ts";
import * as math from "../op/special/elementary.ts";

export const rebar: Estimator = {
  name: "rebar",
  doc: "Score function with the cost at a relaxed draw as control variate; its weight and temperature learn to lower the variance.",
  formula: "(f(D) - η f(s̃)) ∇ log q + η ∇ (f(s) - f(s̃)), s = softmax(z/τ), s̃ = softmax(z̃/τ), z̃ ~ (z | D)",
  source: "Tucker, Mnih, Maddison, Lawson, Sohl-Dickstein 2017, REBAR, eq. 7",
  bias: "none",
  cost: "one draw, three evaluations, and a second derivative to tune",
  notFirst: "admitted, but three evaluations and a second derivative per step",
  options: {
    eta: "where the control variate's weight starts (default 1)",
    temperature: "where the temperature starts (default 0.5)",
  },
  fixable: false,
  refuses: firstOf(
    unlessListed,
    unlessSmooth,
    unlessIndependentMembers,
    unlessSupportFixed,
    unlessTemperature,
    unlessNumber("eta", Number.isFinite, "a number"),
    (_site, { below }) => {
      const noisy = below
        .filter(({ discrete, estimator }) => discrete && estimator !== "enumerate")
        .map(({ name }) => name);
      return noisy.length === 0
        ? null
        : {
            reason: `the draw of ${noisy.join(", ")} jumps as the relaxed value moves, which its derivative misses`,
            hint: "use loo, or enumerate the sites below",
          };
    },
  ),
  place: (site, options) => {
    const eta = site.learned("eta", [startOf(options, "eta", 1)], [], "site");
    const logTau = site.learned("log_temperature", [math.log(startOf(options, "temperature", 0.5))], [], "site");
    const { fromHot } = listedOf(site).states;
    return placeControlled(site, {
      at: (cost, relaxed) => cost.at(fromHot(relaxed)),
      whole: (cost, relaxed) => cost.whole(fromHot(relaxed)),
      eta,
      temperature: exp(logTau),
      learned: [eta, logTau],
    });
  },
};
