// Missing entries of what is observed. Entries that nothing else needs are left out of the density; the others are a latent site, Gaussian on
// the unconstrained scale over those entries alone.

import { diagnose } from "../base/diagnostic.ts";
import { ice } from "../base/ice.ts";
import { distOf } from "../dist/index.ts";
import { oneHot } from "../dist/draw.ts";
import { instance, logProb as densityOf } from "../dist/instance.ts";
import type { Support } from "../dist/dist.ts";
import { bijection } from "../dist/support.ts";
import type { Node } from "../ir/node.ts";
import { textOf } from "../model/check-scope.ts";
import { rowOf } from "../model/dist-row.ts";
import { isImputed } from "../model/imputed.ts";
import type { ObserveStmt, SampleStmt } from "../model/model.ts";
import { observedRead } from "../model/observed.ts";
import { and, constant, gather, not, repeatTo, reshape, scalar, select, sum } from "../op/index.ts";
import { categories, logProb, type BuiltDist } from "./distribution.ts";
import { mayBeMissing, missingRead, type Context } from "./expr.ts";
import { dataNode, missingNode, type Scope } from "./scope.ts";

/** The density of what an `observe` observes: its missing entries add nothing, unless they are latent. */
export function observedDensity(stmt: ObserveStmt, d: BuiltDist, ctx: Context): Node {
  const value = mayBeMissing(stmt.value, ctx);
  const { read, symbol } = observedRead(stmt.value);
  const absent = isImputed(symbol, ctx.scope.known.arrays) ? null : missingRead(read, ctx);
  if (d.instance.dist.value === "index" && value.hot === null) checkCategory(stmt, d, value.node, absent, ctx);
  if (absent === null) return logProb(d, value);
  if (absent.shape.length === 0) return select(absent, scalar(0), logProb(d, value));
  const { dist } = d.instance;
  if (dist.rank > 0) {
    ctx.scope.report.push(diagnose("PPL901", stmt.span, { what: `missing entries of \`${stmt.name}\`, whose distribution does not factorise over them` }));
    return scalar(0);
  }
  const entries = densityOf(d.instance, dist.value === "index" ? oneHot(value.node, categories(d)) : value.node);
  return sum(select(absent, scalar(0), repeatTo(entries, absent.shape)));
}

function checkCategory(stmt: ObserveStmt, d: BuiltDist, index: Node, absent: Node | null, { scope, guard }: Context): void {
  const there = absent === null ? null : not(absent);
  scope.checks.push({
    kind: "category", index, guard: guard !== null && there !== null ? and(guard, there) : guard ?? there, count: categories(d),
    base: scope.base, dist: textOf(stmt.dist.span), span: stmt.value.span,
  });
}

/** How the missing entries of an array lie in it: `size` of them, with the support that all statements that observe them share. */
export type Imputation = { readonly size: number; readonly support: Support; readonly dist: BuiltDist };

export function imputationOf({ symbol: { name }, dist: first }: SampleStmt, scope: Scope, statements: readonly ObserveStmt[]): Imputation {
  const missing = scope.known.arrays[name]?.missing ?? ice(`${name} has no missing entries`);
  const size = missing.reduce((sum, entry) => sum + entry, 0);
  const kinds = new Set(statements.map(({ dist }) => supportKind(dist)));
  const [kind] = kinds;
  if (kinds.size > 1 || kind === undefined || kind === null) {
    scope.report.push(diagnose("PPL901", first.span, { what: `a distribution for missing entries of \`${name}\` that are read elsewhere, on other supports than the real or the positive numbers,` }));
  }
  const flat = distOf("Flat") ?? ice("no Flat");
  const wanted = kind === "positive" ? ["lower"] : [];
  const form = flat.forms.findIndex(({ params }) => params.map((p) => p.name).join() === wanted.join());
  const dist = { instance: instance(flat, form, kind === "positive" ? { lower: scalar(0) } : {}), shape: [size] };
  return { size, support: kind === "positive" ? { kind: "positive" } : { kind: "real" }, dist };
}

function supportKind(dist: ObserveStmt["dist"]): "real" | "positive" | null {
  const { dist: row, form } = rowOf(dist);
  const kind = row.forms[form]?.supportKind ?? row.supportKind;
  if (row.discrete || row.atoms === true) return null;
  if (kind === "real") return "real";
  return kind === "positive" || kind === "nonnegative" ? "positive" : null;
}

/** The whole array with its missing entries taken from `u`, on the unconstrained scale; and the log Jacobian. */
export function imputed(name: string, u: Node, { support }: Imputation, scope: Scope): { readonly value: Node; readonly jacobian: Node | null } {
  const map = bijection(support);
  const { shape, missing } = scope.known.arrays[name] ?? ice(`no data for ${name}`);
  const absent = missingNode(name, scope.known) ?? ice(`nothing of ${name} is missing`);
  return {
    value: select(absent, reshape(gather(map.fromUnconstrained(u), 0, constant(slotsOf(missing!), [missing!.length])), shape), dataNode(name, scope.known)),
    jacobian: support.kind === "real" ? null : sum(map.logJacobian(u)),
  };
}

/** Which missing entry each entry is; 0 for those that are there. */
function slotsOf(missing: Uint8Array): readonly number[] {
  let next = 0;
  return Array.from(missing, (entry) => (entry === 1 ? next++ : 0));
}

