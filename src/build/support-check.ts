// What is observed, and the arguments of distributions that are known from data alone, as numbers: for the load check
// that they are possible at all (run/check-support.ts).

import type { Param, SupportKind } from "../dist/dist.ts";
import { boundsOf, supportOf } from "../dist/instance.ts";
import type { Bounds } from "../dist/support.ts";
import type { Node } from "../ir/node.ts";
import { sizeOf } from "../ir/shape.ts";
import { topological } from "../ir/walk.ts";
import type { DistExpr, ObserveStmt } from "../model/model.ts";
import { observedRead } from "../model/observed.ts";
import { add, and, fill, not } from "../op/index.ts";
import type { BuiltDist } from "./distribution.ts";
import { mayBeMissing, missingRead, type Context } from "./expr.ts";
import { positionsOf, wholeOf, type Positions } from "./positions.ts";
import { dataGuard, dataNode, valuesOf, type Guard, type Scope } from "./scope.ts";
import { withStandIn } from "./trajectory.ts";
import { arrayValue } from "./value.ts";

/** The draws that a statement observes: those of `values` one after the other, `size` numbers each. */
export type ObservedDraws = {
  readonly kind: SupportKind;
  readonly values: Float64Array;
  readonly size: number;
  /** How many trailing subscripts of the array run inside a draw. */
  readonly rank: number;
  /** Where the entries of `values` stand in the array that is observed. */
  readonly positions: Positions;
  /** The ends of the support of draw i, where they do not depend on latents. */
  readonly bounds: (draw: number) => Bounds;
};

/** `draws` null where nothing is known of the support without the latents. */
export type SupportCheck = {
  readonly kind: "support";
  readonly stmt: ObserveStmt;
  readonly draws: () => ObservedDraws | null;
};

/** An argument of a distribution that no latent moves; it counts where `guard` holds. */
export type ArgumentCheck = {
  readonly kind: "argument";
  readonly param: Param;
  readonly node: Node;
  readonly guard: Node | null;
  readonly dist: DistExpr;
};

/** Notes what must hold of an `observe` statement, at the members that are observed. */
export function noteObserved(stmt: ObserveStmt, d: BuiltDist, guards: readonly Guard[], ctx: Context): void {
  const { scope, guard } = ctx;
  scope.checks.push({ kind: "support", stmt, draws: () => observedDraws(stmt, d, guards, scope) });
  const absent = missingRead(observedRead(stmt.value).read, ctx);
  if (absent === null) noteArguments(stmt.dist, d, guard, scope);
  else if (absent.shape.length === 0)
    noteArguments(stmt.dist, d, guard === null ? not(absent) : and(guard, not(absent)), scope);
}

/** Notes what must hold of the arguments of a distribution. */
export function noteArguments(
  dist: DistExpr,
  { instance: { form, params } }: BuiltDist,
  guard: Node | null,
  scope: Scope,
): void {
  for (const param of form.params) {
    const node = params[param.name];
    if (node !== undefined && param.size !== true && isFixed(node))
      scope.checks.push({ kind: "argument", param, node, guard, dist });
  }
}

/** Is a node computed from data alone? */
const isFixed = (node: Node): boolean =>
  topological([node]).every(
    ({ op: { kind, name } }) => kind !== "random" && name !== "param" && name !== "noise" && name !== "mark",
  );

/** Are the last subscripts of a read left out, so that they run inside? */
const endsWhole = (read: ObserveStmt["value"]): boolean =>
  read.kind !== "subscript" || read.subs.every((sub) => sub.kind === "index");

/** Names where what is observed is the data alone, whose missing entries may be latent. */
function asGiven({ value }: ObserveStmt, scope: Scope): Scope {
  const { symbol } = observedRead(value);
  return scope.latentEntries(symbol) === null
    ? scope
    : withStandIn(symbol, arrayValue(dataNode(symbol.name, scope.known)), scope);
}

function observedDraws(stmt: ObserveStmt, d: BuiltDist, guards: readonly Guard[], scope: Scope): ObservedDraws | null {
  const support = supportOf(d.instance);
  const whole = (node: Node): Float64Array => valuesOf(wholeOf(node, stmt.plates, scope), scope.known);
  const [lower, upper] = support.kind === "counts" ? [null, support.total] : boundsOf(support);
  if ((support.kind === "counts" || support.kind === "point") && !isFixed(upper!)) return null;
  const lead = d.shape.slice(0, d.shape.length - d.instance.dist.rank);
  const ends = [lower, upper].map((bound) =>
    bound === null || !isFixed(bound) ? null : whole(add(bound, fill(0, [], lead))),
  );
  const guard = dataGuard(guards, scope);
  const value = mayBeMissing(stmt.value, {
    scope: { ...asGiven(stmt, scope), checks: [] },
    locals: new Map(),
    guard,
  }).node;
  return {
    kind: support.kind,
    values: whole(value),
    positions: positionsOf(stmt, guards, scope),
    size: sizeOf(d.shape.slice(lead.length)),
    rank: endsWhole(observedRead(stmt.value).read) ? d.instance.dist.rank : 0,
    bounds: (i) => ({
      ...(ends[0] == null ? {} : { lower: ends[0][i]! }),
      ...(ends[1] == null ? {} : { upper: ends[1][i]! }),
      ...("count" in support ? { count: support.count } : {}),
    }),
  };
}
