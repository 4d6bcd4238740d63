// The automatic Gaussian guide on the unconstrained scale: which coordinates belong to which site, and the graph of their draws.

import { expand, constant, add, einsum, exp, gather, iota, mul, neg, noise, param, reshape, scalar, slice, solveLower, square, sub, sum, toAxis } from "../op/index.ts";
import type { Axis, Node } from "../ir/node.ts";
import type { PlateAxis } from "../model/model.ts";
import { PARTICLE } from "../objective/term.ts";

/** A continuous site under the automatic guide. Its members lie one after the other, plates sorted by axis. */
export type GaussianSite = {
  readonly name: string;
  readonly plates: readonly PlateAxis[];
  /** Sizes of the plates, then the event shape on the unconstrained scale. */
  readonly sizes: readonly number[];
  readonly offset: number;
  readonly size: number;
};

/** Sites that share a covariance (`fullrank`), or one site with independent coordinates (`meanfield`). */
export type GaussianBlock = {
  readonly name: string;
  readonly family: "meanfield" | "fullrank";
  readonly sites: readonly GaussianSite[];
  readonly offset: number;
  readonly size: number;
};

export type Layout = { readonly blocks: readonly GaussianBlock[]; readonly size: number };

export type GaussianRequest = {
  readonly name: string; readonly plates: readonly PlateAxis[]; readonly sizes: readonly number[];
};

/** Coordinates in the order of the blocks: full-rank blocks first named by the user, the rest in the model's order. */
export function layOut(groups: readonly { readonly name: string; readonly family: GaussianBlock["family"]; readonly sites: readonly GaussianRequest[] }[]): Layout {
  let next = 0;
  const blocks = groups.map((group): GaussianBlock => {
    const offset = next;
    const sites = group.sites.map((site): GaussianSite => {
      const size = site.sizes.reduce((a, b) => a * b, 1);
      const placed = { ...site, offset: next, size };
      next += size;
      return placed;
    });
    return { name: group.name, family: group.family, sites, offset, size: next - offset };
  });
  return { blocks, size: next };
}

/** Flat event `[size]` to the site's plates (axes, the current members of a batch) and unconstrained event shape. */
export function onPlates(flat: Node, sizes: readonly number[], plates: readonly PlateAxis[], batched: ReadonlySet<Axis>): Node {
  return plates.reduce(
    (node, { axis }) => (batched.has(axis) ? gather(node, 0, iota(axis)) : toAxis(node, 0, axis)),
    reshape(flat, sizes),
  );
}

/** The coordinates of one site within a flat vector that starts at `from`. */
export const coordinatesOf = (flat: Node, site: GaussianSite, from: number): Node => slice(flat, 0, site.offset - from, site.size);

/** Names of the parameters of a block: location and log sd (mean-field), location and raw scale (full rank). */
export const locName = (block: string): string => `${block}.loc`;
export const logSdName = (block: string): string => `${block}.log_sd`;
export const scaleName = (block: string): string => `${block}.scale`;

/** A joint Gaussian: density and draw as graph, at the given leaves. */
export type FullRank = { readonly logProb: (value: Node) => Node; readonly draw: () => Node };

/** u = m + L eps, L lower triangular with diagonal exp(raw_ii). log q = -|L^-1 (u - m)|^2 / 2 - sum raw_ii - d/2 log 2 pi. */
export function fullRank(name: string, size: number, loc: Node, raw: Node): FullRank {
  const eye = constant(identity(size), [size, size]);
  const logDiagonal = sum(mul(raw, eye), [1]);
  const L = add(mul(raw, constant(strictlyLower(size), [size, size])), mul(expand(exp(logDiagonal), [size, size], [0]), eye));
  return {
    logProb: (value) => {
      const z = solveLower(L, sub(value, loc));
      return sub(sub(neg(mul(scalar(0.5), sum(square(z)))), sum(logDiagonal)), scalar(0.5 * size * Math.log(2 * Math.PI)));
    },
    draw: () => add(loc, einsum("ij,j->i", L, noise("normal", name, [PARTICLE], [size]))),
  };
}

export const fullRankLeaves = (name: string, size: number): { readonly loc: Node; readonly scale: Node } => ({
  loc: param(locName(name), [], [size]),
  scale: param(scaleName(name), [], [size, size]),
});

const strictlyLower = (n: number): readonly number[] => Array.from({ length: n * n }, (_, i) => (i % n < Math.floor(i / n) ? 1 : 0));
const identity = (n: number): readonly number[] => Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
