// Missing entries of a real array that are latent: a site of all of them, Gaussian on the unconstrained scale of the
// support that the statements which observe the array share.

import { diagnose } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import { distOf } from "../dist/index.ts";
import { boundsOf, instance, supportOf } from "../dist/instance.ts";
import type { Support, SupportKind } from "../dist/dist.ts";
import { bijection } from "../dist/support.ts";
import type { Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import { dependsOn } from "../ir/walk.ts";
import { rowOf } from "../model/dist-row.ts";
import type { ObserveStmt, Symbol } from "../model/model.ts";
import { concat, constant, gather, mark, repeatTo, reshape, scalar, select, sum } from "../op/index.ts";
import { builtDist, type BuiltDist } from "./distribution.ts";
import { positionsOf, slotsOf, wholeOf } from "./positions.ts";
import { dataGuard, dataNode, maskNode, type Guarded, type Scope } from "./scope.ts";
import { withStandIn } from "./trajectory.ts";
import { arrayValue } from "./value.ts";

/** How the latent entries of an array lie in it. `blocks`: shape of the values that have a support of their own, one
 *  after the other: numbers, or the vectors or matrices of which all entries are missing. */
export type Imputation = { readonly support: Support; readonly blocks: readonly number[]; readonly dist: BuiltDist };

type Observer = Guarded<ObserveStmt>;

export function imputationOf(symbol: Symbol, observers: readonly Observer[], scope: Scope): Imputation {
  const entries = scope.latentEntries(symbol) ?? ice(`${symbol.name} has no missing entries`);
  const size = entries.reduce((total, entry) => total + entry, 0);
  const kinds = [...new Set(observers.map(({ stmt }) => kindOf(stmt)))];
  const [kind] = kinds;
  const refuse = (what: string): Imputation => {
    scope.report.push(
      diagnose("PPL901", observers[0]?.stmt.dist.span ?? symbol.span, {
        what: `${what} for missing entries of \`${symbol.name}\` that are needed elsewhere`,
      }),
    );
    return numbers({ kind: "real" }, size);
  };
  if (kinds.length > 1) return refuse("several supports");
  switch (kind) {
    case "real":
      return numbers({ kind: "real" }, size);
    case "positive":
    case "nonnegative":
      return numbers({ kind: "positive" }, size);
    case "lower":
    case "upper":
    case "interval": {
      const ends = endsOf(symbol, entries, observers, scope);
      return ends === null ? refuse("a support that depends on other entries") : numbers(ends, size);
    }
    case "simplex":
    case "ordered":
    case "covariance":
    case "cholesky-correlation":
      return vectors(symbol, entries, observers, scope) ?? refuse("a value of which only a part is missing");
    default:
      return refuse("such a distribution");
  }
}

/** Where a value of the distribution lies; null where it has no unconstrained scale, or where each value is one of
 *  entries that are free. */
function kindOf({ dist }: ObserveStmt): SupportKind | null {
  const { dist: row, form } = rowOf(dist);
  return row.discrete || row.atoms === true ? null : (row.forms[form]?.supportKind ?? row.supportKind);
}

function numbers(support: Support, size: number): Imputation {
  const ends = {
    ...("lower" in support ? { lower: support.lower } : {}),
    ...("upper" in support ? { upper: support.upper } : {}),
    ...(support.kind === "positive" ? { lower: scalar(0) } : {}),
  };
  return {
    support,
    blocks: [size],
    dist: { instance: flatWith(ends as Readonly<Record<string, Node>>), shape: [size] },
  };
}

function flatWith(ends: Readonly<Record<string, Node>>): BuiltDist["instance"] {
  const flat = distOf("Flat") ?? ice("no Flat");
  return instance(
    flat,
    flat.forms.findIndex(({ params }) => params.map((p) => p.name).join() === Object.keys(ends).join()),
    ends,
  );
}

// ---------------------------------------------------------------------------------------- ends

/** The supports of the latent entries one after the other: each by the statement that observes it. Null where an end
 *  depends on the array itself. */
function endsOf(symbol: Symbol, entries: Uint8Array, observers: readonly Observer[], scope: Scope): Support | null {
  const anchor = mark(dataNode(symbol.name, scope.known), `${symbol.name} before`, []);
  const draft = withStandIn(symbol, arrayValue(anchor), scope);
  const at = observers.flatMap(({ stmt, guards }) => [...positionsOf(stmt, guards, scope).at]);
  const slots = [...slotsOf(at, entries.length)].filter((_, entry) => entries[entry] === 1);
  const supports = observers.map(({ stmt, guards }) => {
    const d = builtDist(stmt.dist, { scope: draft, locals: new Map(), guard: dataGuard(guards, scope) });
    return { stmt, d, support: supportOf(d.instance) };
  });
  const end = (which: "lower" | "upper"): Node | null => {
    const ends = supports.map(({ stmt, d, support }) => {
      const node = which in support ? (support as { readonly lower: Node; readonly upper: Node })[which] : scalar(0);
      return { node, all: () => flattened(wholeOf(repeatTo(node, d.shape), stmt.plates, scope)) };
    });
    const [first] = ends;
    if (ends.some(({ node }) => dependsOn(node, anchor))) return null;
    if (
      first !== undefined &&
      ends.every(({ node }) => node === first.node) &&
      first.node.axes.length + first.node.shape.length === 0
    )
      return first.node;
    return gather(
      concat(
        ends.map(({ all }) => all()),
        0,
      ),
      0,
      constant(slots, [slots.length]),
    );
  };
  const [lower, upper] = [end("lower"), end("upper")];
  const kind = supports[0]?.support.kind;
  if (lower === null || upper === null) return null;
  return kind === "interval" ? { kind, lower, upper } : kind === "lower" ? { kind, lower } : { kind: "upper", upper };
}

const flattened = (node: Node): Node => reshape(node, [sizeOf(node.shape)]);

// ---------------------------------------------------------------------------------------- vectors and matrices

/** Vectors and matrices of which every entry is missing; null where one is there in part. */
function vectors(symbol: Symbol, entries: Uint8Array, observers: readonly Observer[], scope: Scope): Imputation | null {
  const [first, ...others] = observers;
  if (first === undefined || others.length > 0) return null;
  const draft = withStandIn(symbol, arrayValue(dataNode(symbol.name, scope.known)), scope);
  const d = builtDist(first.stmt.dist, { scope: draft, locals: new Map(), guard: dataGuard(first.guards, scope) });
  const { shape } = scope.known.arrays[symbol.name] ?? ice(`no data for ${symbol.name}`);
  const { rank } = d.instance.dist;
  const event = shape.slice(shape.length - rank);
  const size = sizeOf(event);
  const missing = Array.from({ length: entries.length / size }, (_, i) =>
    entries.subarray(i * size, (i + 1) * size).reduce((a, b) => a + b, 0),
  );
  if (missing.some((count) => count > 0 && count < size)) return null;
  const blocks = [missing.filter((count) => count > 0).length, ...event];
  const support = supportOf(d.instance);
  const ends = support.kind === "ordered" && support.entries !== undefined ? boundsOf(support.entries) : [];
  return ends.some((end) => end !== null && end.axes.length > 0)
    ? null
    : { support, blocks, dist: { instance: d.instance, shape: blocks } };
}

// ---------------------------------------------------------------------------------------- the value

/** How many unconstrained coordinates the latent entries have. */
export const coordinatesOfEntries = ({ support, blocks }: Imputation): number =>
  sizeOf(bijection(support).unconstrainedShape(blocks));

/** The whole array with its latent entries taken from `u`, on the unconstrained scale; and the log Jacobian. */
export function imputed(
  symbol: Symbol,
  u: Node,
  { support, blocks }: Imputation,
  scope: Scope,
): { readonly value: Node; readonly jacobian: Node | null } {
  const map = bijection(support);
  const { shape } = scope.known.arrays[symbol.name] ?? ice(`no data for ${symbol.name}`);
  const entries = scope.latentEntries(symbol) ?? ice(`nothing of ${symbol.name} is missing`);
  const there = dataNode(symbol.name, scope.known);
  const latent = maskNode(entries, shape);
  if (latent === null) return { value: there, jacobian: null };
  const free = reshape(u, map.unconstrainedShape(blocks));
  const values = flattened(map.fromUnconstrained(free));
  return {
    value: select(latent, reshape(gather(values, 0, constant(numbersOf(entries), [entries.length])), shape), there),
    jacobian: support.kind === "real" ? null : sum(map.logJacobian(free)),
  };
}

/** Which latent entry each entry is; 0 for those that are there. */
function numbersOf(entries: Uint8Array): readonly number[] {
  let next = 0;
  return Array.from(entries, (entry) => (entry === 1 ? next++ : 0));
}
