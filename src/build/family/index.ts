import type { JointFamily } from "./family.ts";
import { flow } from "./flow.ts";
import { lowRank } from "./low-rank.ts";
import { mixture } from "./mixture.ts";

/** The table of joint families; their arguments stand in `model/families.ts`. */
export const jointFamilies: readonly JointFamily[] = [lowRank, mixture, flow];
