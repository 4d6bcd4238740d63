// Values from their logarithm or logit, kept where their own logarithm and reciprocal are numbers: a draw of a small
// shape is below the smallest one.

import type { Node } from "../ir/node.ts";
import { exp, maximum, minimum, scalar, sigmoid } from "../op/index.ts";

/** Smallest and largest positive number: coefficients up to 1e4 times its reciprocal are finite. Engines of less range
 *  put their own in place. */
const [LEAST, MOST] = [1e-304, 1e304];
/** The largest number below 1: a Beta may be infinite at 1, to which s(u) rounds from u = 37 on. */
const BELOW_ONE = 1 - 2 ** -53;

/** e^u > 0. */
export const positiveOf = (u: Node): Node => minimum(maximum(exp(u), scalar(LEAST)), scalar(MOST));

/** s(u) in (0, 1). */
export const probabilityOf = (u: Node): Node => maximum(belowOne(u), scalar(LEAST));

/** s(u) < 1. */
export const belowOne = (u: Node): Node => minimum(sigmoid(u), scalar(BELOW_ONE));
