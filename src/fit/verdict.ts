// The verdict in words: what the last check found, what that means, and what to try. Sentences and diagnostics, no
// numbers of its own.

import { diagnose, type Diagnostic } from "../base/diagnostic.ts";
import type { Elbo } from "./summary.ts";
import type { Remark, Verdict } from "./target.ts";

/** The family the guide is best in: `custom` is any other than the two automatic ones. */
export type Family = "meanfield" | "fullrank" | "custom";

/** The name of an unconstrained coordinate, for remarks. */
export type NameOf = (coordinate: number) => string;

/** Scales of a hierarchy are the usual cause; which of its two forms is better depends on how much data each member
 *  has. */
const FUNNEL =
  "log p is shaped like a funnel: a hierarchy may fit better in its other form (non-centred with few data per member, centred with many)";

/** Above this the weights' mean cannot be trusted (Vehtari et al. 2024). */
export const KHAT_LIMIT = 0.7;

/** Standard error of the ELBO below which log weights are nearly equal. On the 16 000 draws of the last look their sd
 *  is at most 0.13, so that the guide is within sd^2 / 2 < 0.01 nats of the posterior. */
const EVEN = 0.001;

/** Whether the guide covers the posterior: the weights have no heavy tail, or are so even that the shape of their tail
 *  means nothing. */
export const covers = ({ khat, elbo }: { readonly khat: number; readonly elbo: Elbo }): boolean =>
  khat <= KHAT_LIMIT || (Number.isFinite(khat) && elbo.se < EVEN);

const FAMILIES: Readonly<Record<Family, string>> = {
  meanfield: "mean-field guide",
  fullrank: "full-rank guide",
  custom: "guide of this form",
};

/** The verdict with the figures a reader judges it by, in one or two sentences. */
export function describeVerdict(verdict: Verdict, family: Family, elbo: Elbo, khat: number, nameOf?: NameOf): string {
  const even = khat > KHAT_LIMIT && covers({ khat, elbo }) ? ", good since the weights hardly vary" : "";
  const spent = `${verdict.gradients} gradients; ELBO ${withError(elbo)}; k-hat ${khat.toFixed(2)}${even}`;
  const notes = asides(verdict, family)
    .map((note) => `; ${note}`)
    .join("");
  if (!verdict.converged)
    return `NOT converged: ${finding(verdict, nameOf)}; ${advice(verdict, family)}; ${spent}${notes}`;
  const biased = remarkOf(verdict, "biased");
  if (biased !== undefined) return `${settledBy(biased, finding(verdict, nameOf))}; ${spent}${notes}`;
  const claim =
    verdict.draws === 1
      ? `converged: ${finding(verdict, nameOf)}`
      : `converged: within 0.05 nats of the best ${verdict.bound === true ? "bound of a " : ""}${FAMILIES[family]}` +
        `${remarkOf(verdict, "modes") === undefined ? "" : " found"} (${finding(verdict, nameOf)})`;
  return `${claim}; ${spent}${notes}`;
}

/** What may be claimed where the gradient of some sites is biased: that nothing moves any more. */
function settledBy({ sites }: Extract<Remark, { kind: "biased" }>, found: string): string {
  const names = sites.map(({ site, estimator }) => `${site} (${estimator})`).join(", ");
  return `converged: the fit has settled (${found}); the gradient of ${names} is biased, so that a better guide may exist, which --policy exact finds where it applies`;
}

/** Warnings of a fit: not converged (PPL708), k-hat too high (PPL709). */
export function fitWarnings(verdict: Verdict, family: Family, elbo: Elbo, khat: number, nameOf?: NameOf): Diagnostic[] {
  const at = { kind: "run" } as const;
  const warnings: Diagnostic[] = [];
  if (!verdict.converged) {
    warnings.push(diagnose("PPL708", at, { finding: finding(verdict, nameOf) }, { hint: advice(verdict, family) }));
  }
  // NaN is no proof of a good guide either.
  if (!covers({ khat, elbo })) warnings.push(diagnose("PPL709", at, { khat }, { hint: remedy(verdict, family) }));
  return warnings;
}

const remarkOf = <K extends Remark["kind"]>(verdict: Verdict, kind: K): Extract<Remark, { kind: K }> | undefined =>
  verdict.remarks.find((remark): remark is Extract<Remark, { kind: K }> => remark.kind === kind);

/** What the last check saw, or why there was none. */
function finding(verdict: Verdict, nameOf: NameOf = (coordinate) => `coordinate ${coordinate + 1}`): string {
  const cut = remarkOf(verdict, "support-cut");
  const improper = remarkOf(verdict, "improper");
  if (cut !== undefined) return `${percent(cut.share)} of ${verdict.draws} new draws had no finite log density`;
  if (improper !== undefined)
    return `the density does not fall as ${namesOf(improper.coordinates, nameOf)} ${runs(improper.coordinates)} away, so the posterior has no finite integral`;
  if (verdict.draws === 1) return `the optimiser expects ${amount(verdict.moved)} more of the objective`;
  if (verdict.moved === Infinity) return `${verdict.gradients} gradients were spent before a check on new draws`;
  const climbed = verdict.bound === true ? "bound" : "ELBO";
  return verdict.converged
    ? `last check on ${verdict.draws} new draws moved the ${climbed} by ${amount(verdict.moved)}`
    : `${verdict.draws} draws still moved the ${climbed} by ${amount(verdict.moved)}`;
}

/** Names beyond these are counted. */
const NAMED = 4;

/** `a, b and 7 more`: sites, each once. */
function namesOf(coordinates: readonly number[], nameOf: NameOf): string {
  const names = [...new Set(coordinates.map(nameOf))];
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(", ")} and ${more} more` : names.join(", ");
}

const runs = (coordinates: readonly number[]): string => (coordinates.length === 1 ? "runs" : "run");

/** What to do about a fit that did not converge. */
function advice(verdict: Verdict, own: Family): string {
  const family = untried(verdict, own);
  if (remarkOf(verdict, "support-cut") !== undefined) {
    return "a condition cuts the support, where the ELBO of every such guide is -inf: declare the constraint in the site's type";
  }
  if (remarkOf(verdict, "improper") !== undefined) return "give what runs away a proper prior";
  if (remarkOf(verdict, "out-of-steps") !== undefined)
    return "the guide is usable but its means may be off; allow more steps (or larger batches, where there are batches)";
  if (verdict.moved === Infinity)
    return "write the model on a scale where its sites are near 1, or try a reparameterisation";
  if (remarkOf(verdict, "funnel") !== undefined) {
    return `the guide is usable but its means may be off; ${FUNNEL}`;
  }
  return `the guide is usable but its means may be off; try ${otherFamily(family)}a reparameterisation`;
}

/** What to do about a high k-hat. */
function remedy(verdict: Verdict, own: Family): string {
  const family = untried(verdict, own);
  const wider = family === "meanfield" ? "the full-rank guide or " : "";
  return remarkOf(verdict, "funnel") === undefined
    ? `try ${wider}a reparameterisation (the other form of a hierarchy, the log of a positive scale)`
    : `try ${wider}a reparameterisation; ${FUNNEL}`;
}

/** Where both families were fitted, neither is worth a try. */
const untried = (verdict: Verdict, family: Family): Family =>
  remarkOf(verdict, "other-family") === undefined ? family : "custom";

const otherFamily = (family: Family): string =>
  family === "meanfield" ? "the full-rank guide or " : family === "fullrank" ? "the mean-field guide or " : "";

/** Observations that hold whatever the verdict is. */
function asides(verdict: Verdict, family: Family): string[] {
  const other = remarkOf(verdict, "other-family");
  const modes = remarkOf(verdict, "modes");
  const restarted = remarkOf(verdict, "restarted");
  const survived = remarkOf(verdict, "survived");
  return [
    ...(other === undefined
      ? []
      : [
          family === "meanfield"
            ? `the full-rank guide was tried too and was no better (k-hat ${other.khat.toFixed(2)})`
            : `full rank since the mean-field guide's k-hat was ${other.khat.toFixed(2)}`,
        ]),
    ...(verdict.converged && remarkOf(verdict, "funnel") !== undefined ? ["log p is shaped like a funnel"] : []),
    ...(modes === undefined
      ? []
      : [`${modes.elsewhere} of ${modes.starts} starts ended in another mode${heightOf(modes.below)}`]),
    ...(restarted === undefined ? [] : [`started anew ${times(restarted.times)} from another place`]),
    ...(survived === undefined ? [] : [`${times(survived.steps)} a gradient was not finite and its step was left out`]),
  ];
}

/** The estimate of another mode's ELBO is good to a few hundredths. */
const heightOf = (below: number): string =>
  below < 0.05 ? ", as good" : `, the best other ${amount(below)} nats lower`;

const times = (n: number): string => (n === 1 ? "once" : `${n} times`);

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** Two significant digits; what is below a thousandth is said to be. */
const amount = (nats: number): string => (nats < 0.001 ? "less than 0.001" : String(Number(nats.toPrecision(2))));

/** Digits down to the first of the error. */
function withError({ mean, se }: Elbo): string {
  if (!Number.isFinite(mean)) return String(mean);
  const digits = se > 0 ? Math.min(Math.max(Math.ceil(-Math.log10(se)), 0), 6) : 6;
  return `${mean.toFixed(digits)} ± ${se.toFixed(digits)}`;
}
