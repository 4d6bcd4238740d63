// Supports cut and joined, for distributions made of distributions.

import type { Node } from "../ir/node.ts";
import { ceil, floor, max, maximum, min, minimum, numberOf, scalar } from "../op/index.ts";
import type { Support, SupportKind } from "./dist.ts";
import { boundsOf } from "./instance.ts";

/** Kinds whose values are numbers on a line, so that they have ends. */
const LINE: readonly SupportKind[] = ["real", "positive", "nonnegative", "interval", "lower", "upper", "count"];
export const isLine = (kind: SupportKind): boolean => LINE.includes(kind);

/** The numbers (or whole numbers) between two ends; `null`: none. */
function between(lower: Node | null, upper: Node | null, whole: boolean): Support {
  if (whole) return { kind: "count", ...(lower === null || numberOf(lower) === 0 ? {} : { lower }), upper };
  if (lower !== null) return upper === null ? { kind: "lower", lower } : { kind: "interval", lower, upper };
  return upper === null ? { kind: "real" } : { kind: "upper", upper };
}

const finite = (bound: Node | null): Node | null => (bound === null || !isInfinite(bound) ? bound : null);
const isInfinite = (bound: Node): boolean => Math.abs(numberOf(bound) ?? 0) === Infinity;

/** The tighter of two ends, either of which may be missing. */
const tighter = (a: Node | null, b: Node | null, pick: (a: Node, b: Node) => Node): Node | null =>
  a === null ? b : b === null || a === b ? a : pick(a, b);

/** What lies between two bounds too, bounds included. */
export function cut(support: Support, lower: Node | null, upper: Node | null): Support {
  const whole = support.kind === "count";
  const [from, to] = boundsOf(support);
  const own = whole ? ([lower && ceil(lower), upper && floor(upper)] as const) : ([lower, upper] as const);
  const ends = [tighter(from, finite(own[0]), maximum), tighter(to, finite(own[1]), minimum)] as const;
  return ends[0] === from && ends[1] === to ? support : between(ends[0], ends[1], whole);
}

/** Bounds that differ between the components of one row: the widest. */
const widest = (bound: Node | null, fold: (x: Node, dims: readonly number[]) => Node, listed: boolean): Node | null =>
  bound === null || !listed || bound.shape.length === 0 ? bound : fold(bound, [bound.shape.length - 1]);

/** The smallest support that covers all; `listed`: the bounds have an entry for each of several components along
 *  their last dim. */
export function hull(supports: readonly Support[], listed = false): Support {
  const [first, ...others] = supports as [Support, ...Support[]];
  if (!isLine(first.kind)) return first;
  const all = supports.map((support) => {
    const [lower, upper] = boundsOf(support);
    return [widest(lower, min, listed), widest(upper, max, listed)] as const;
  });
  const end = (side: 0 | 1, pick: (a: Node, b: Node) => Node): Node | null => {
    const bounds = all.map((ends) => ends[side]);
    return bounds.reduce((a, b) => (a === null || b === null ? null : a === b ? a : pick(a, b)));
  };
  const [lower, upper] = [end(0, minimum), end(1, maximum)];
  const same =
    others.every((support) => support.kind === first.kind) &&
    lower === boundsOf(first)[0] &&
    upper === boundsOf(first)[1];
  if (same) return first;
  const fromZero = upper === null && supports.every(({ kind }) => kind === "positive" || kind === "nonnegative");
  return fromZero ? { kind: "nonnegative" } : between(lower, upper, first.kind === "count");
}

/** With 0 among the values. */
export const withZero = (support: Support): Support =>
  hull([
    support,
    support.kind === "count"
      ? { kind: "count", upper: scalar(0) }
      : { kind: "interval", lower: scalar(0), upper: scalar(0) },
  ]);
