// What an `observe` adds to the density where entries of its array are missing: nothing for those that nothing else
// needs; the others have values like those that are there (missing-values.ts, missing-states.ts).

import { diagnose } from "../base/diagnostic.ts";
import { logProb as densityOf } from "../dist/instance.ts";
import { oneHot } from "../dist/draw.ts";
import type { Node } from "../ir/node.ts";
import type { ObserveStmt, PlateAxis } from "../model/model.ts";
import { observedRead } from "../model/observed.ts";
import { repeatTo, scalar, select, sum } from "../op/index.ts";
import { categories, logProb, type BuiltDist } from "./distribution.ts";
import { mayBeMissing, missingRead, type Context } from "./expr.ts";
import { entriesDensity, hasStates } from "./missing-states.ts";

/** A density per member of `plates`. */
export type ObservedDensity = { readonly node: Node; readonly plates: readonly PlateAxis[] };

/** The density of what an `observe` observes. */
export function observedDensity(stmt: ObserveStmt, d: BuiltDist, ctx: Context): ObservedDensity {
  const { symbol } = observedRead(stmt.value);
  const isLatent = ctx.scope.latentEntries(symbol) !== null;
  if (isLatent && hasStates(symbol)) return entriesDensity(stmt, d, ctx);
  return {
    node: isLatent ? logProb(d, mayBeMissing(stmt.value, ctx)) : presentDensity(stmt, d, ctx),
    plates: stmt.plates,
  };
}

/** Entries that are missing add nothing. */
function presentDensity(stmt: ObserveStmt, d: BuiltDist, ctx: Context): Node {
  const value = mayBeMissing(stmt.value, ctx);
  const absent = missingRead(observedRead(stmt.value).read, ctx);
  if (absent === null) return logProb(d, value);
  if (absent.shape.length === 0) return select(absent, scalar(0), logProb(d, value));
  const { dist } = d.instance;
  if (dist.rank > 0) {
    ctx.scope.report.push(
      diagnose("PPL901", stmt.span, {
        what: `missing entries of \`${stmt.name}\`, whose distribution does not factorise over them`,
      }),
    );
    return scalar(0);
  }
  const entries = densityOf(d.instance, dist.value === "index" ? oneHot(value.node, categories(d)) : value.node);
  return sum(select(absent, scalar(0), repeatTo(entries, absent.shape)));
}
