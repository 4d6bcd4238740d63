import { adaptive } from "./adaptive.ts";
import { analyticKl } from "./analytic-kl.ts";
import { ar } from "./ar.ts";
import { arm } from "./arm.ts";
import { ars } from "./ars.ts";
import { arsPlus } from "./ars-plus.ts";
import { arsm } from "./arsm.ts";
import { arsmPlus } from "./arsm-plus.ts";
import { disarm } from "./disarm.ts";
import { dreg } from "./dreg.ts";
import { ema } from "./ema.ts";
import { enumerate } from "./enumerate.ts";
import type { Estimator } from "./estimator.ts";
import { gumbel } from "./gumbel.ts";
import { gumbelRao } from "./gumbel-rao.ts";
import { implicit } from "./implicit.ts";
import { loo } from "./loo.ts";
import { nvil } from "./nvil.ts";
import { path } from "./path.ts";
import { rebar } from "./rebar.ts";
import { reinmax } from "./reinmax.ts";
import { reinmaxCv } from "./reinmax-cv.ts";
import { reinmaxRao } from "./reinmax-rao.ts";
import { reinmaxRk2 } from "./reinmax-rk2.ts";
import { relax } from "./relax.ts";
import { score } from "./score.ts";
import { st } from "./st.ts";
import { stGumbel } from "./st-gumbel.ts";
import { stlIwae } from "./stl-iwae.ts";
import { stratified } from "./stratified.ts";
import { total } from "./total.ts";
import { vargrad } from "./vargrad.ts";
import { vimco } from "./vimco.ts";

/** The table of estimators, in the order in which `explain` lists them. */
export const estimators: readonly Estimator[] = [
  path,
  total,
  adaptive,
  implicit,
  stratified,
  dreg,
  stlIwae,
  analyticKl,
  enumerate,
  st,
  gumbel,
  stGumbel,
  gumbelRao,
  reinmax,
  reinmaxRao,
  reinmaxCv,
  reinmaxRk2,
  score,
  ema,
  nvil,
  loo,
  vimco,
  vargrad,
  ar,
  ars,
  arsm,
  arsPlus,
  arsmPlus,
  arm,
  disarm,
  rebar,
  relax,
];
