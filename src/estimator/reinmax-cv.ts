// ReinMax with a control variate: two estimates of one straight-through Gumbel gradient (discrete_estimators, section
// 5.3).

import type { Node } from "../ir/node.ts";
import { add, div, mul, scalar, sub } from "../op/index.ts";
import type { Estimator } from "./estimator.ts";
import { logExponential, softmax } from "./race.ts";
import { firstOf } from "./refusals.ts";
import {
  averagedOver,
  DRAWS,
  movedBy,
  numberOr,
  placeThrough,
  reinmaxCarrier,
  TEMPERATURE,
  temperatureOf,
  towardsDrawn,
  unlessSmoothListed,
  type Drawn,
} from "./straight-through.ts";

/** ReinMax, plus eta times the difference of two estimates of one straight-through Gumbel gradient at log p_D. */
function controlled(drawn: Drawn): Node {
  const difference = sub(averagedOver(drawn, towardsDrawn(drawn, scalar(1))), oneGumbel(drawn));
  return add(reinmaxCarrier(drawn, scalar(1)), mul(numberOr(drawn.options, "eta", 1), difference));
}

/** What is subtracted: a fresh draw, the draw that chose D, no draw, or the relaxed draw itself in place of the
 *  noise. */
function oneGumbel(drawn: Drawn): Node {
  const { site, options, states, held, logE } = drawn;
  const t = towardsDrawn(drawn, scalar(1));
  const tau = temperatureOf(options);
  switch (options["subtract"]) {
    case "mean-field":
      return div(softmax(movedBy(drawn, t)), tau);
    case "repo":
      return div(softmax(movedBy(drawn, add(t, softmax(div(sub(held, logE), tau))))), tau);
    case "coupled":
      return softmax(div(movedBy(drawn, sub(t, logE)), tau));
    default:
      return softmax(div(movedBy(drawn, sub(t, logExponential(site, "subtracted", states.count))), tau));
  }
}

const READINGS: readonly string[] = ["independent", "coupled", "mean-field", "repo"];

export const reinmaxCv: Estimator = {
  name: "reinmax-cv",
  doc: "ReinMax plus eta times the difference between a Gumbel-Rao gradient and a single Gumbel gradient, both at log p_D.",
  formula: "G = 2 J(p_D) g - J(π) g / 2 + η (GR(log p_D | D) - GS(log p_D))",
  source: "Wang, Bui 2026, Beyond ReinMax, eq. 18",
  bias: { why: "that of reinmax, changed by eta times the difference of the means of its two Gumbel parts" },
  cost: "one draw, one evaluation, `draws` + 1 Gumbels per state",
  notFirst: "admitted, but given the drawn state its correction can only add noise to reinmax, unless it adds bias",
  options: {
    ...TEMPERATURE,
    ...DRAWS,
    eta: "weight of the correction (default 1)",
    subtract:
      "independent (a fresh Gumbel, default), coupled (the Gumbel that drew the value), mean-field (none), repo (the relaxed draw, as in the " +
      "authors' code)",
  },
  refuses: firstOf(unlessSmoothListed, (_site, _facts, { subtract }) =>
    subtract === undefined || READINGS.includes(String(subtract))
      ? null
      : {
          reason: `its option subtract = ${String(subtract)} is not independent, coupled, mean-field or repo`,
          hint: "leave subtract out for the default",
        },
  ),
  fixable: false,
  place: placeThrough(controlled),
};
