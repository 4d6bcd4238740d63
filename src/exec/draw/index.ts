// The samplers, by the op that draws with them.

import { ice } from "../../base/ice.ts";
import type { Sampler } from "./arithmetic.ts";
import { binomial, poisson } from "./counts.ts";
import { logGamma } from "./gamma.ts";
import { vonMises } from "./von-mises.ts";

const samplers: Readonly<Record<string, Sampler>> = {
  drawGamma: logGamma,
  drawVonMises: vonMises,
  drawPoisson: poisson,
  drawBinomial: binomial,
};

export const samplerOf = (op: string): Sampler => samplers[op] ?? ice(`no sampler ${op}`);
