// Sites of a scan whose support has ends that read the step before: x_t = f(u_t; ends at x_{t-1}), step by step by the
// op `scan`, from unconstrained coordinates that do not move. Their density and Jacobian are ordinary graph, once all
// steps have a value.

import { ice } from "../base/ice.ts";
import { supportOf } from "../dist/instance.ts";
import { bijection } from "../dist/support.ts";
import type { Node } from "../ir/node.ts";
import type { SampleStmt, ScanStmt, Symbol } from "../model/model.ts";
import { eachStmt } from "../model/check-walk.ts";
import { builtDist } from "./distribution.ts";
import { component, type Definitions, type DrawnSite } from "./recursion.ts";
import type { Scope } from "./scope.ts";
import { trajectories } from "./trajectory.ts";
import { arrayValue, type ArrayValue, type Value } from "./value.ts";

const definitions = (scope: Scope, drawn: ReadonlyMap<Symbol, DrawnSite>): Definitions => ({ ...scope.program, drawn });

/** Why the steps cannot be taken one after the other; null where they can. */
export function whyNotStepwise({ symbol }: SampleStmt, scope: Scope): string | null {
  const recursion = scope.program.recursions.carried.get(symbol);
  if (recursion === undefined) return "and is not carried itself";
  if (recursion.guards.length > 0) return "under a condition";
  // Placed after each other, sites that read each other would be placed before themselves.
  const together = component(symbol, definitions(scope, sitesOf(recursion.scan)));
  const other = together.find(({ carried }) => carried.symbol !== symbol && carried.symbol.kind === "site");
  return other === undefined ? null : `together with \`${other.carried.symbol.name}\``;
}

function sitesOf(scan: ScanStmt): ReadonlyMap<Symbol, DrawnSite> {
  const found = new Map<Symbol, DrawnSite>();
  eachStmt(scan.body, (stmt) => {
    if (stmt.kind === "sample")
      found.set(stmt.symbol, { stmt, draw: () => ice(`${stmt.symbol.name} is only looked at`) });
  });
  return found;
}

/** The value at unconstrained coordinates `u`, which lie on the site's plates. */
export function stepwiseValue(stmt: SampleStmt, u: Node, scope: Scope): ArrayValue {
  const at = (inside: Scope): Value =>
    arrayValue(
      bijection(
        supportOf(builtDist(stmt.dist, { scope: inside, locals: new Map(), guard: null }).instance),
      ).fromUnconstrained(u),
    );
  const program = definitions(scope, new Map([[stmt.symbol, { stmt, draw: at }]]));
  if (component(stmt.symbol, program).length === 0) return at(scope) as ArrayValue;
  return trajectories(stmt.symbol, { ...scope, program })?.get(stmt.symbol) as ArrayValue;
}
