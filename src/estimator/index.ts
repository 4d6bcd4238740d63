import { analyticKl } from "./analytic-kl.ts";
import { ema, nvil } from "./baseline.ts";
import { arm, disarm } from "./coupled.ts";
import { enumerate } from "./enumerate.ts";
import type { Estimator } from "./estimator.ts";
import { gumbel } from "./gumbel.ts";
import { loo, vimco } from "./loo.ts";
import { adaptive, implicit, path, total } from "./path.ts";
import { rebar, relax } from "./rebar.ts";
import { score } from "./score.ts";
import { dreg, stlIwae } from "./several-draws.ts";
import { gumbelRao, reinmax, reinmaxCv, reinmaxRao, reinmaxRk2, st, stGumbel } from "./straight-through.ts";
import { stratified } from "./stratified.ts";
import { ar, arsPlus, ars, arsm, arsmPlus } from "./swap.ts";
import { vargrad } from "./vargrad.ts";

/** The table of estimators, in the order in which `explain` lists them. */
export const estimators: readonly Estimator[] = [
  path, total, adaptive, implicit, stratified, dreg, stlIwae, analyticKl,
  enumerate, st, gumbel, stGumbel, gumbelRao, reinmax, reinmaxRao, reinmaxCv, reinmaxRk2,
  score, ema, nvil, loo, vimco, vargrad,
  ar, ars, arsm, arsPlus, arsmPlus, arm, disarm, rebar, relax,
];
