// Matched draws, or stochastic steps, and why.

import { diagnose, type Report } from "../base/diagnostic.ts";
import { ASKED_FOR, type Chosen } from "../estimator/choose.ts";
import { jointFamilies } from "./family/index.ts";
import type { JointBlock } from "./gaussian.ts";
import type { Prepared, Wishes } from "./prepared.ts";

export function chooseMethod(
  chosen: ReadonlyMap<string, Chosen>,
  joint: readonly JointBlock[],
  wishes: Wishes,
  report: Report,
): Prepared["method"] | null {
  const obstacle = whyNotFixed(chosen, joint, wishes);
  if (wishes.method === "adam") return { name: "adam", reason: "asked for by the user" };
  if (obstacle === null) {
    return {
      name: "fixed",
      reason:
        wishes.method === "fixed"
          ? "asked for by the user"
          : "all noise can be held fixed: full data, smooth draws or sums over states",
    };
  }
  if (wishes.method === "fixed") {
    report.push(
      diagnose(
        "PPL511",
        { kind: "run" },
        { option: "--method fixed", reason: obstacle },
        { hint: "leave the method out, or use --method adam" },
      ),
    );
    return null;
  }
  return { name: "adam", reason: obstacle };
}

/** Path gradients that differ in the score term alone, which matched draws of a Gaussian cancel. */
const WEIGHTED = ["path", "total", "adaptive", "analytic-kl"];

function whyNotFixed(chosen: ReadonlyMap<string, Chosen>, joint: readonly JointBlock[], wishes: Wishes): string | null {
  const plates = Object.keys(wishes.batch);
  if (wishes.objective.name !== "elbo") return `the objective ${wishes.objective.name} is climbed by stochastic steps`;
  if (plates.length > 0) return `plate ${plates.join(", ")} is batched, so each step sees other data`;
  const noisy = [...chosen]
    .filter(([, { estimator }]) => !estimator.fixable)
    .map(([name, { estimator }]) => `${name} (${estimator.name})`);
  if (noisy.length > 0) return `the draws of ${noisy.join(", ")} cannot be held fixed`;
  const bending = joint.find(({ family }) =>
    jointFamilies.some(({ name, fixable }) => name === family.name && !fixable),
  );
  if (bending !== undefined)
    return `the ${bending.family.name} over ${bending.sites.map(({ name }) => name).join(", ")} would bend to whatever draws are held fixed`;
  const weighted = [...chosen].find(
    ([, { estimator, reason }]) => WEIGHTED.includes(estimator.name) && reason === ASKED_FOR,
  );
  return weighted === undefined
    ? null
    : `the score term of ${weighted[0]} (${weighted[1].estimator.name}) matters only where noise is not held fixed`;
}
