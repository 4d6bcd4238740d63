// Every component of a mixture is drawn, and terms are averaged with the live probabilities of the components.

import { add, mul, scalar } from "../op/index.ts";
import { ice } from "../base/ice.ts";
import type { Estimator } from "./estimator.ts";
import { weightOf } from "./path.ts";

export const stratified: Estimator = {
  name: "stratified",
  doc: "Draws every component of a mixture and sums over them: E_q f = sum_c pi_c E_{q_c} f. Inside log q the parameters, the probabilities among them, are " +
    "stopped (weight = \"path\") or not (\"total\").",
  source: "Roeder, Wu, Duvenaud 2017, Sticking the Landing, algorithm 3",
  bias: "none",
  cost: "one draw and one evaluation per component",
  notFirst: "admitted, and the default",
  options: { weight: "path (default), total, or a number between 0 and 1" },
  fixable: true,
  refuses: (site, _facts, options) => {
    if (site.components === undefined) return { reason: "the guide is no mixture", hint: "use path" };
    const weight = weightOf(options);
    if (typeof weight === "number" && weight >= 0 && weight <= 1) return null;
    return { reason: `the weight ${String(options["weight"])} is not path, total or a number in [0, 1]`, hint: "leave it out for the path derivative" };
  },
  place: (site, options) => {
    const { axis, draw, prob } = site.components ?? ice(`${site.name} is no mixture`);
    const weight = weightOf(options) as number;
    return {
      value: draw(), weight: { axis, prob },
      logq: (v) => add(mul(scalar(weight), site.frozen.logProb(v)), mul(scalar(1 - weight), site.guide.logProb(v))),
    };
  },
};
