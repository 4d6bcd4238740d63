// The family of the Gaussian guide and its blocks: as written, or by the number of coordinates.

import { ASKED_FOR } from "../estimator/choose.ts";
import type { Bound } from "../model/bound.ts";
import { showFamily } from "../model/families.ts";
import type { Family } from "../model/model.ts";
import { jointFamilies } from "./family/index.ts";
import { flatSize, type GaussianBlock, jointBlock, type JointBlock, layOut } from "./gaussian.ts";
import type { Prepared, Wishes } from "./prepared.ts";
import type { Program } from "./program.ts";
import type { Plan } from "./state.ts";

/** The largest number of coordinates for which the automatic guide is full rank (optimisation, sections 1 and 7). */
const FULL_RANK_LIMIT = 64;
/** The largest number for which it is tried after a mean-field guide whose k-hat is bad. Measured: at 65 and 89
 *  coordinates it costs 2 to 4 times the gradients and takes k-hat from 0.80 to 0.46 and from 1.04 to 0.63; at 144 it
 *  costs 15 times as many and does not converge. */
const RETRY_LIMIT = 100;

/** Full rank over everything continuous where that is affordable, mean-field elsewhere; named blocks as the user wrote
 *  them. */
export function chooseGuide(
  base: Program,
  bound: Bound,
  wishes: Wishes,
  method: "fixed" | "adam",
  joint: readonly JointBlock[],
): Pick<Prepared, "layout" | "family"> {
  const requests = base.latents.flatMap((latent) => (latent.request === null ? [] : [latent.request]));
  const dims = requests.reduce((sum, r) => sum + flatSize(r), 0);
  const { families } = bound.model;
  const named = [
    ...families.blocks.flatMap((block) => block.sites),
    ...joint.flatMap((block) => block.sites.map((site) => site.name)),
  ];
  const rest = requests.filter((r) => !named.includes(r.name));
  const family = defaultFamily(families.default, wishes, dims, method);
  const local = (plates: readonly { readonly axis: string }[]): boolean =>
    plates.some(({ axis }) => axis in wishes.batch);
  const blocks: { name: string; family: GaussianBlock["family"]; sites: typeof requests }[] = [];
  const alone = (sites: typeof requests): void => {
    for (const site of sites) blocks.push({ name: site.name, family: "meanfield", sites: [site] });
  };
  for (const block of families.blocks) {
    const sites = requests.filter((r) => block.sites.includes(r.name));
    if (jointFamilies.some((f) => f.name === block.family.name)) continue;
    if (block.family.name === "fullrank") blocks.push({ name: block.sites.join("+"), family: "fullrank", sites });
    else alone(sites);
  }
  if (family.name === "fullrank") {
    const joint = rest.filter((r) => !local(r.plates));
    if (joint.length > 0) blocks.push({ name: joint.map((r) => r.name).join("+"), family: "fullrank", sites: joint });
    alone(rest.filter((r) => local(r.plates)));
  } else alone(rest);
  return { layout: layOut(blocks, joint), family };
}

/** The family of sites that no block names. */
const restFamily = ({ model }: Bound, wishes: Wishes): Pick<Family, "name" | "options"> | null =>
  wishes.guide ?? model.families.default;

/** `delta` and `same`: of the block that names a site, or of the rest. */
export function aloneIn(bound: Bound, wishes: Wishes): Plan["alone"] {
  const { blocks } = bound.model.families;
  return (site) => {
    const { name } = blocks.find(({ sites }) => sites.includes(site))?.family ??
      restFamily(bound, wishes) ?? { name: null };
    return name === "delta" || name === "same" ? name : null;
  };
}

/** Blocks of the families whose coordinates are drawn inside the graph: as the user wrote them, and one over the
 *  rest. */
export function jointBlocks(dry: Program, bound: Bound, wishes: Wishes): readonly JointBlock[] {
  const { blocks } = bound.model.families;
  const requests = dry.latents.flatMap((latent) => (latent.request === null ? [] : [latent.request]));
  const isJoint = ({ name }: Pick<Family, "name">): boolean => jointFamilies.some((family) => family.name === name);
  const rest = restFamily(bound, wishes);
  const unnamed = requests.filter(({ name }) => !blocks.some(({ sites }) => sites.includes(name)));
  return [
    ...blocks
      .filter(({ family }) => isJoint(family))
      .map(({ family, sites }) =>
        jointBlock(
          family,
          requests.filter(({ name }) => sites.includes(name)),
        ),
      ),
    ...(rest !== null && isJoint(rest) && unnamed.length > 0 ? [jointBlock(rest, unnamed)] : []),
  ];
}

function defaultFamily(
  written: Family | null,
  wishes: Wishes,
  dims: number,
  method: "fixed" | "adam",
): Prepared["family"] {
  const once = { retry: false };
  if (wishes.guide !== null) return { name: showFamily(wishes.guide), reason: ASKED_FOR, ...once };
  if (written !== null) return { name: showFamily(written), reason: "the guide block says so", ...once };
  const coordinates = `${dims} continuous coordinate${dims === 1 ? "" : "s"}`;
  if (method === "adam")
    return { name: "meanfield", reason: "full rank is automatic only where noise can be held fixed", ...once };
  if (dims <= FULL_RANK_LIMIT) {
    return {
      name: "fullrank",
      reason: `${coordinates}, at most ${FULL_RANK_LIMIT}: right standard deviations and correlations for about the same price`,
      ...once,
    };
  }
  const many = `${coordinates}, more than ${FULL_RANK_LIMIT}`;
  return dims <= RETRY_LIMIT
    ? {
        name: "meanfield",
        reason: `${many}: a full covariance costs several times the draws, and is tried only if this guide's k-hat is bad`,
        retry: true,
      }
    : { name: "meanfield", reason: `${many}: a full covariance would cost too many draws`, ...once };
}
