import { enumerate } from "./enumerate.ts";
import type { Estimator } from "./estimator.ts";
import { path } from "./path.ts";
import { loo, score } from "./score.ts";

/** The table of estimators, in the order in which `explain` lists them. */
export const estimators: readonly Estimator[] = [path, enumerate, loo, score];
