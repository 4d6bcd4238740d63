// Path derivative: z = T(eps; phi) live, the guide's parameters stopped inside log q.

import type { Node } from "../ir/node.ts";
import { add, mul, scalar } from "../op/index.ts";
import type { Estimator, EstimatorOptions, Site } from "./estimator.ts";

/** The score term's coefficient: 0 total derivative, 1 path derivative; "adaptive" lets the fit choose it per step. */
export function weightOf(options: EstimatorOptions): number | "adaptive" {
  const weight = options["weight"] ?? "path";
  if (weight === "adaptive") return "adaptive";
  return weight === "path" ? 1 : weight === "total" ? 0 : Number(weight);
}

/** lambda log q(z; stop phi) + (1 - lambda) log q(z; phi): g_total + lambda c, unbiased for every constant lambda because E c = 0. */
function blend(site: Site, weight: number, value: Node): Node {
  if (weight === 1) return site.frozen.logProb(value);
  if (weight === 0) return site.guide.logProb(value);
  return add(mul(scalar(weight), site.frozen.logProb(value)), mul(scalar(1 - weight), site.guide.logProb(value)));
}

export const path: Estimator = {
  name: "path",
  doc: "Moves the draw with the guide's parameters and differentiates along that path. The score of log q has mean zero and is left out " +
    "(weight = \"path\"), kept (\"total\"), or weighted by its measured correlation with the rest (\"adaptive\").",
  source: "Roeder, Wu, Duvenaud 2017, Sticking the Landing, eq. 5-10; weight: Geffner, Domke 2018, control variates",
  bias: "none",
  cost: "one draw, one evaluation",
  notFirst: "the draw is reparameterisable, so this is the default",
  options: { weight: "path (default), total, adaptive, or a number between 0 and 1" },
  fixable: true,
  refuses: (site, _facts, options) => {
    if (site.components !== undefined) return { reason: "a draw of a mixture jumps between its components", hint: "use stratified" };
    if (!site.reparameterisable) {
      return {
        reason: site.states === null
          ? "the guide's draw is a count, or comes from a sampler that rejects: it is no smooth map of noise"
          : "a discrete value does not move smoothly with the guide's parameters",
        hint: site.states === null ? "use loo" : "use enumerate or loo",
      };
    }
    const weight = weightOf(options);
    if (typeof weight === "number" && !(weight >= 0 && weight <= 1)) {
      return { reason: `the weight ${String(options["weight"])} is not path, total, adaptive or a number in [0, 1]`, hint: "leave it out for the path derivative" };
    }
    if (site.supportMoves && weight !== 0) {
      return {
        reason: "the guide's support moves with its parameters, so the score of log q does not have mean zero",
        hint: "use path(weight = \"total\"), or a guide whose support is fixed",
      };
    }
    return null;
  },
  place: (site, options) => {
    const weight = weightOf(options);
    const value = site.draw();
    if (weight === "adaptive") return { value, logq: site.guide.logProb, adaptive: true };
    return { value, logq: (v) => blend(site, weight, v) };
  },
};
