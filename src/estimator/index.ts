import { enumerate } from "./enumerate.ts";
import type { Estimator } from "./estimator.ts";
import { path } from "./path.ts";
import { loo, score } from "./score.ts";
import { stratified } from "./stratified.ts";

/** The table of estimators, in the order in which `explain` lists them. */
export const estimators: readonly Estimator[] = [path, stratified, enumerate, loo, score];
