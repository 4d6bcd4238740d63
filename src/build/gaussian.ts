// The automatic Gaussian guide on the unconstrained scale: which coordinates belong to which site, and the graph of
// their draws.

import {
  concat,
  expand,
  constant,
  add,
  einsum,
  exp,
  gather,
  iota,
  mul,
  neg,
  noise,
  param,
  reshape,
  scalar,
  slice,
  solveLower,
  square,
  sub,
  sum,
  toAxis,
} from "../op/index.ts";
import type { Axis, Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Family, PlateAxis } from "../model/model.ts";
import { PARTICLE } from "../objective/term.ts";
import * as math from "../op/special/elementary.ts";

/** How flat parameters are laid on the members of a site: sizes of the plates (sorted by axis), then those of the
 *  event. `present`: under a data condition, 1 for the members that exist; the others have no parameters. */
export type MemberLayout = {
  readonly plates: readonly PlateAxis[];
  readonly sizes: readonly number[];
  readonly present: Float64Array | null;
};

/** How many parameters that takes. */
export function flatSize({ plates, sizes, present }: MemberLayout): number {
  const members = present?.reduce((sum, one) => sum + one, 0) ?? sizeOf(sizes.slice(0, plates.length));
  return members * sizeOf(sizes.slice(plates.length));
}

/** A continuous site under the automatic guide. Its members lie one after the other; `sizes` are on the unconstrained
 *  scale. */
export type GaussianSite = MemberLayout & { readonly name: string; readonly offset: number; readonly size: number };

/** Sites that share a covariance (`fullrank`), or one site with independent coordinates (`meanfield`). */
export type GaussianBlock = {
  readonly name: string;
  readonly family: "meanfield" | "fullrank";
  readonly sites: readonly GaussianSite[];
  readonly offset: number;
  readonly size: number;
};

/** Sites under another joint guide, whose coordinates are drawn inside the graph; offsets count from the block's
 *  start. */
export type JointBlock = {
  readonly name: string;
  readonly family: Pick<Family, "name" | "options">;
  readonly sites: readonly GaussianSite[];
  readonly size: number;
};

export type Layout = {
  readonly blocks: readonly GaussianBlock[];
  readonly size: number;
  readonly joint: readonly JointBlock[];
};

export type GaussianRequest = MemberLayout & { readonly name: string };

export function jointBlock(family: JointBlock["family"], sites: readonly GaussianRequest[]): JointBlock {
  const {
    blocks: [block],
    size,
  } = layOut([{ name: sites.map((site) => site.name).join("+"), family: "fullrank", sites }], []);
  return { name: block?.name ?? "", family, sites: block?.sites ?? [], size };
}

/** Coordinates in the order of the blocks: full-rank blocks first named by the user, the rest in the model's order. */
export function layOut(
  groups: readonly {
    readonly name: string;
    readonly family: GaussianBlock["family"];
    readonly sites: readonly GaussianRequest[];
  }[],
  joint: readonly JointBlock[],
): Layout {
  let next = 0;
  const blocks = groups.map((group): GaussianBlock => {
    const offset = next;
    const sites = group.sites.map((site): GaussianSite => {
      const size = flatSize(site);
      const placed = { ...site, offset: next, size };
      next += size;
      return placed;
    });
    return { name: group.name, family: group.family, sites, offset, size: next - offset };
  });
  return { blocks, size: next, joint };
}

/** Flat event `[size]` to the site's plates (axes, the current members of a batch) and unconstrained event shape. */
export function onPlates(flat: Node, { plates, sizes, present }: MemberLayout, batched: ReadonlySet<Axis>): Node {
  const all = present === null ? flat : everyMember(flat, present, sizeOf(sizes.slice(plates.length)));
  return plates.reduce(
    (node, { axis }) => (batched.has(axis) ? gather(node, 0, iota(axis)) : toAxis(node, 0, axis)),
    reshape(all, sizes),
  );
}

/** Parameters of the members that exist, with 0 for the others: their terms are left out, and 0 is a value that every
 *  guide takes. */
function everyMember(flat: Node, present: Float64Array, event: number): Node {
  const last = flat.shape[0] as number;
  let next = 0;
  const slots = Array.from({ length: present.length * event }, (_, i) =>
    present[Math.floor(i / event)] === 1 ? next++ : last,
  );
  return gather(concat([flat, constant([0], [1])], 0), 0, constant(slots, [slots.length]));
}

/** The coordinates of one site within a flat vector that starts at `from`. */
export const coordinatesOf = (flat: Node, site: GaussianSite, from: number): Node =>
  slice(flat, 0, site.offset - from, site.size);

/** Names of the parameters of a block: location and log sd (mean-field), location and raw scale (full rank). */
export const locName = (block: string): string => `${block}.loc`;
export const logSdName = (block: string): string => `${block}.log_sd`;
export const scaleName = (block: string): string => `${block}.scale`;

/** A joint Gaussian: density and draw as graph, at the given leaves. */
export type FullRank = { readonly logProb: (value: Node) => Node; readonly draw: () => Node };

/** u = m + L eps, L lower triangular with diagonal exp(raw_ii). log q = -|L^-1 (u - m)|^2 / 2 - sum raw_ii - d/2 log 2
 *  pi. */
export function fullRank(name: string, size: number, loc: Node, raw: Node): FullRank {
  const eye = constant(identity(size), [size, size]);
  const logDiagonal = sum(mul(raw, eye), [1]);
  const L = add(
    mul(raw, constant(strictlyLower(size), [size, size])),
    mul(expand(exp(logDiagonal), [size, size], [0]), eye),
  );
  return {
    logProb: (value) => {
      const z = solveLower(L, sub(value, loc));
      return sub(
        sub(neg(mul(scalar(0.5), sum(square(z)))), sum(logDiagonal)),
        scalar(0.5 * size * math.log(2 * Math.PI)),
      );
    },
    draw: () => add(loc, einsum("ij,j->i", L, noise("normal", name, [PARTICLE], [size]))),
  };
}

export const fullRankLeaves = (name: string, size: number): { readonly loc: Node; readonly scale: Node } => ({
  loc: param(locName(name), [], [size]),
  scale: param(scaleName(name), [], [size, size]),
});

const strictlyLower = (n: number): readonly number[] =>
  Array.from({ length: n * n }, (_, i) => (i % n < Math.floor(i / n) ? 1 : 0));
const identity = (n: number): readonly number[] => Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
