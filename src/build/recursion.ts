// The carried names of scans: where they are defined, what of a program depends on them, which of them are defined
// together.

import { ice } from "../base/ice.ts";
import { eachStmt, eachSymbol, exprsOf } from "../model/check-walk.ts";
import type { Carried, Expr, LetStmt, SampleStmt, ScanStmt, Stmt, Symbol } from "../model/model.ts";
import { flatten, type Guard, type Guarded, type Scope } from "./scope.ts";
import type { Value } from "./value.ts";

/** A carried name with its scan; `guards` are those of its definition inside the scan: a step where they do not hold
 * hands the value on. */
export type Recursion = { readonly scan: ScanStmt; readonly carried: Carried; readonly guards: readonly Guard[] };

/** What the scans of a program say of symbols. */
export type Recursions = {
  /** The scan around the statement of a site. */
  readonly around: ReadonlyMap<SampleStmt, ScanStmt>;
  /** By the symbol that the body defines. */
  readonly carried: ReadonlyMap<Symbol, Recursion>;
  /** By the symbol of an earlier value. */
  readonly earlier: ReadonlyMap<Symbol, { readonly recursion: Recursion; readonly lag: number }>;
};

export function recursionsOf(body: readonly Stmt[]): Recursions {
  const scans = scansIn(body);
  const guards = new Map(
    flatten(scans.flatMap((scan) => scan.body)).flatMap(({ stmt, guards: own }) =>
      stmt.kind === "let" || stmt.kind === "sample" ? [[stmt.symbol, own] as const] : [],
    ),
  );
  const around = new Map<SampleStmt, ScanStmt>();
  for (const scan of scans) eachStmt(scan.body, (stmt) => void (stmt.kind === "sample" && around.set(stmt, scan)));
  const found = scans.flatMap((scan) =>
    scan.carried.map((carried): Recursion => ({ scan, carried, guards: guards.get(carried.symbol) ?? [] })),
  );
  return {
    around,
    carried: new Map(found.map((recursion) => [recursion.carried.symbol, recursion])),
    earlier: new Map(
      found.flatMap((recursion) =>
        recursion.carried.earlier.map(({ lag, symbol }) => [symbol, { recursion, lag }] as const),
      ),
    ),
  };
}

/** All scans of some statements. */
export function scansIn(body: readonly Stmt[]): readonly ScanStmt[] {
  return body.flatMap((stmt) => {
    if (stmt.kind === "plate") return scansIn(stmt.body);
    if (stmt.kind === "if") return [...scansIn(stmt.then), ...scansIn(stmt.otherwise)];
    return stmt.kind === "scan" ? [stmt] : [];
  });
}

/** What a recursion needs of the program around it. */
export type Definitions = {
  readonly recursions: Recursions;
  readonly lets: ReadonlyMap<Symbol, Guarded<LetStmt>>;
  /** Sites that are drawn as part of a recursion; everywhere else a site is given. */
  readonly drawn: ReadonlyMap<Symbol, DrawnSite>;
};
export type DrawnSite = { readonly stmt: SampleStmt; readonly draw: (scope: Scope) => Value };

// ---------------------------------------------------------------------------------------- what depends on what

/** The carried lets that `symbol` is defined together with: those that it reads at earlier steps and that read it.
 * Empty where its definition is no recursion. */
export function component(symbol: Symbol, program: Definitions): readonly Recursion[] {
  const own = program.recursions.carried.get(symbol) ?? ice(`${symbol.name} is not carried`);
  if (own.guards.length === 0 && !reaches(symbol, symbol, program)) return [];
  const peers = own.scan.carried.filter(
    ({ symbol: peer }) => peer !== symbol && reaches(symbol, peer, program) && reaches(peer, symbol, program),
  );
  return [own, ...peers.map((peer) => program.recursions.carried.get(peer.symbol) as Recursion)];
}

/** Does the definition of `from` read `to`, through lets and earlier steps? */
const reaches = (from: Symbol, to: Symbol, program: Definitions): boolean =>
  readsOf(from, program).some((read) => dependsOn(read, new Set([to]), program));

/** Is a symbol one of `targets`, or is one read by its definition? */
export function dependsOn(
  symbol: Symbol,
  targets: ReadonlySet<Symbol>,
  program: Definitions,
  seen: Set<Symbol> = new Set(),
): boolean {
  if (targets.has(symbol)) return true;
  if (seen.has(symbol)) return false;
  seen.add(symbol);
  return readsOf(symbol, program).some((read) => dependsOn(read, targets, program, seen));
}

/** What the definition of a symbol reads, an earlier value standing for its trajectory. */
function readsOf(symbol: Symbol, { lets, recursions, drawn }: Definitions): readonly Symbol[] {
  const earlier = recursions.earlier.get(symbol);
  if (earlier !== undefined) return [earlier.recursion.carried.symbol];
  const site = drawn.get(symbol);
  if (site !== undefined) return exprsOf(site.stmt).flatMap(symbolsIn);
  const definition = lets.get(symbol);
  if (definition === undefined) return [];
  return [definition.stmt.value, ...definition.guards.map((guard) => guard.condition)].flatMap(symbolsIn);
}

/** Every symbol that an expression reads. */
export function symbolsIn(expr: Expr): readonly Symbol[] {
  const found: Symbol[] = [];
  eachSymbol(expr, (read) => found.push(read));
  return found;
}
