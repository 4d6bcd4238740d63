import type { JointFamily } from "./family.ts";
import { flow } from "./flow.ts";
import { hamiltonian } from "./hamiltonian.ts";
import { lowRank } from "./low-rank.ts";
import { mixture } from "./mixture.ts";

/** The table of joint families; their arguments stand in `model/families.ts`. */
export const jointFamilies: readonly JointFamily[] = [lowRank, mixture, flow, hamiltonian];

/** Families whose draws follow the slope of the model's log density. */
export const followsSlope = (family: string): boolean =>
  jointFamilies.some(({ name, momentum }) => name === family && momentum !== null);
