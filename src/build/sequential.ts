// Sites that a scan of the guide carries. Enters: the statement of such a site; leaves: the draw of all its steps, each
// at the values drawn before it. The density is ordinary graph over the steps, once all of them have a value.

import { oneHot } from "../dist/draw.ts";
import type { Node } from "../ir/node.ts";
import type { SampleStmt, ScanStmt, Stmt, Symbol } from "../model/model.ts";
import { eachStmt } from "../model/check-walk.ts";
import { PARTICLE } from "../objective/term.ts";
import { builtDist, categories, draw, type BuiltDist } from "./distribution.ts";
import { component, recursionsOf, type Definitions, type DrawnSite } from "./recursion.ts";
import type { Scope } from "./scope.ts";
import { siteValue } from "./site.ts";
import { trajectories } from "./trajectory.ts";
import type { ArrayValue, Value } from "./value.ts";

export type Steps = {
  readonly scan: ScanStmt;
  /** The draw of all steps, as estimators carry it; `d` is the distribution of a step. */
  readonly draw: (d: BuiltDist) => Node;
  /** Sites whose steps are drawn together with its own. */
  readonly together: () => readonly SampleStmt[];
};

/** Null where no step of the site reads one before it, itself or through what the scan defines. */
export function stepsOf(stmt: SampleStmt, guide: readonly Stmt[], scope: Scope): Steps | null {
  const recursions = recursionsOf(guide);
  const scan = recursions.around.get(stmt);
  if (scan === undefined || !recursions.carried.has(stmt.symbol)) return null;
  const used = new Set<SampleStmt>();
  const program: Definitions = { recursions, lets: scope.program.lets, drawn: drawnSites(scan, used) };
  if (component(stmt.symbol, program).length === 0) return null;
  return {
    scan,
    draw: (d) => asDrawn(d, trajectories(stmt.symbol, { ...scope, program })?.get(stmt.symbol) as ArrayValue),
    together: () => [...used],
  };
}

/** The sites of a scan by name; `used` notes those that were drawn. */
function drawnSites(scan: ScanStmt, used: Set<SampleStmt>): ReadonlyMap<Symbol, DrawnSite> {
  const found = new Map<Symbol, DrawnSite>();
  eachStmt(scan.body, (stmt) => {
    if (stmt.kind === "sample") found.set(stmt.symbol, { stmt, draw: (scope) => stepOf(stmt, scope, used) });
  });
  return found;
}

function stepOf(stmt: SampleStmt, scope: Scope, used: Set<SampleStmt>): Value {
  used.add(stmt);
  const d = builtDist(stmt.dist, { scope, locals: new Map(), guard: null });
  return siteValue(d, draw(d, stmt.symbol.name, [...stmt.plates.map(({ axis }) => axis), PARTICLE]));
}

/** The carry of a category is its number; estimators carry one-hot vectors. */
const asDrawn = (d: BuiltDist, { node }: ArrayValue): Node =>
  d.instance.dist.value === "index" ? oneHot(node, categories(d)) : node;
