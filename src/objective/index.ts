import { iwaeRow, renyiRow } from "./bound.ts";
import { elboRow } from "./elbo.ts";
import { logVarianceRow } from "./log-variance.ts";
import type { ObjectiveRow } from "./objective.ts";

/** The table of objectives. */
export const objectives: readonly ObjectiveRow[] = [elboRow, iwaeRow, renyiRow, logVarianceRow];
