// Missing data: which arrays have missing entries that become latent, and `is_missing`.

import { combinatorOf, distOf } from "../dist/index.ts";
import type * as Ast from "../syntax/ast.ts";
import { allStatements, childrenOf, exprsOfStatement } from "../syntax/walk.ts";
import { checkExpr } from "./check-expr.ts";
import { fault, noFacts, textOf } from "./check-scope.ts";
import type { Checker, Env } from "./check-scope.ts";
import { unwrap } from "./check-subscript.ts";
import { rowOf } from "./dist-row.ts";
import { entrySymbol, observersOf, readSymbol } from "./imputed.ts";
import type { DataDecl, Expr, SampleStmt, Stmt } from "./model.ts";
import { array, bool, showType } from "./types.ts";

// ---------------------------------------------------------------------------------------- which become latent

/** Arrays declared with `?` whose missing entries are needed: they are observed, and something else reads them, they
 *  are to be summed out, or their distribution does not factorise over entries. A read under a condition that asks
 *  `is_missing` of the array does not count, nor one of the guide. */
export function imputedNames({ items }: Ast.File): ReadonlySet<string> {
  const optional = new Set(
    items
      .flatMap((item) => (item.kind === "data" ? item.items : []))
      .flatMap((item) =>
        item.kind === "declaration" && item.type.kind === "type" && item.type.optional ? [item.name.text] : [],
      ),
  );
  if (optional.size === 0) return optional;
  const observed = new Set<string>();
  const needed = new Set<string>();
  for (const item of items) {
    if (item.kind !== "model" && item.kind !== "predict") continue;
    for (const statement of allStatements(item.body)) {
      if (statement.kind !== "observe") continue;
      observed.add(statement.target.name.text);
      if (isJoint(statement.dist) || statement.attributes.some(({ name }) => name.text === "marginal"))
        needed.add(statement.target.name.text);
    }
    readsIn(item.body, new Set(), needed);
  }
  return new Set([...optional].filter((name) => observed.has(name) && needed.has(name)));
}

/** The missing entries of those arrays as sites that a guide may sample: members on the dims of the array. Arrays of
 *  vectors and matrices are not among them. */
export function imputedSites(
  data: readonly DataDecl[],
  body: readonly Stmt[],
  { imputed, facts }: Checker,
): readonly SampleStmt[] {
  return data.flatMap(({ symbol }): SampleStmt[] => {
    const observers = imputed.has(symbol.name) ? observersOf(body, symbol.name) : [];
    const [first] = observers;
    if (first === undefined || rowOf(first.dist).dist.rank > 0) return [];
    const entry = entrySymbol(symbol);
    facts.set(entry, { ...noFacts, latents: [symbol.name], partial: true });
    return [
      {
        kind: "sample",
        symbol: entry,
        plates: entry.axes,
        dist: { ...first.dist, type: { ...first.dist.type, shape: [] } },
        estimator: null,
        outputName: symbol.name,
        marginal: observers.some(({ marginal }) => marginal),
        span: first.span,
      },
    ];
  });
}

/** A draw is a vector or a matrix, whose entries depend on each other. */
function isJoint(dist: Ast.Expr): boolean {
  const called = unwrap(dist);
  if (called.kind !== "call") return false;
  const combinator = combinatorOf(called.name.text);
  if (combinator === undefined) return (distOf(called.name.text)?.rank ?? 0) > 0;
  return combinator.joint === true || called.args.flatMap(({ value }) => listed(unwrap(value))).some(isJoint);
}

/** The entries of a list, which may be distributions inside a combinator; anything else is alone. */
function listed(expr: Ast.Expr): readonly Ast.Expr[] {
  if (expr.kind === "array") return expr.items;
  return [expr.kind === "comprehension" ? expr.body : expr];
}

/** Adds the names that the statements read where nothing asks whether they are missing. */
function readsIn(body: Ast.Body, asked: ReadonlySet<string>, found: Set<string>): void {
  for (const statement of body.statements) {
    for (const expr of exprsOfStatement(statement)) readsOf(expr, asked, found);
    if (statement.kind === "plate" || statement.kind === "scan") readsIn(statement.body, asked, found);
    if (statement.kind === "if") {
      const inside = union(asked, askedBy(statement.condition));
      readsIn(statement.then, inside, found);
      if (statement.otherwise !== null) readsIn(statement.otherwise, inside, found);
    }
  }
}

function readsOf(expr: Ast.Expr, asked: ReadonlySet<string>, found: Set<string>): void {
  if (expr.kind === "name" && !asked.has(expr.name.text)) found.add(expr.name.text);
  if (isQuestion(expr)) return;
  const inside = expr.kind === "if" ? union(asked, askedBy(expr.condition)) : asked;
  for (const part of childrenOf(expr))
    readsOf(part, expr.kind === "if" && part === expr.condition ? asked : inside, found);
}

const isQuestion = (expr: Ast.Expr): boolean => expr.kind === "call" && expr.name.text === "is_missing";
const union = (a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> =>
  b.size === 0 ? a : new Set([...a, ...b]);

/** The arrays of which a condition asks `is_missing`. */
function askedBy(condition: Ast.Expr): ReadonlySet<string> {
  const found = new Set<string>();
  const names = (expr: Ast.Expr): void => {
    if (expr.kind === "name") found.add(expr.name.text);
    childrenOf(expr).forEach(names);
  };
  const visit = (expr: Ast.Expr): void => (isQuestion(expr) ? names(expr) : childrenOf(expr).forEach(visit));
  visit(condition);
  return found;
}

// ---------------------------------------------------------------------------------------- is_missing

/** `is_missing(x)`, where x reads an array of the data: known once the data is. */
export function checkIsMissing(
  args: readonly Ast.Expr[],
  node: Extract<Ast.Expr, { kind: "call" }>,
  env: Env,
): Expr | null {
  const [arg] = args;
  // Which entries are missing is known before a guide samples them.
  const asked = env.guide === null ? env : { ...env, guide: { ...env.guide, written: new Set<string>() } };
  const read = arg === undefined ? null : checkExpr(arg, asked);
  if (read === null) return null;
  const symbol = readSymbol(read);
  const subs = read.kind === "subscript" ? read.subs : [];
  const isKnown = subs.every((sub) => sub.kind === "slice" || sub.value.stage === "data");
  if (symbol?.kind !== "data" || !isKnown || read.type.kind !== "array") {
    return fault(env, "PPL306", read.span, {
      value: textOf(read.span),
      found: symbol?.kind === "data" ? "a read by a latent subscript" : showType(read.type),
      op: "`is_missing`",
      wants: "an entry or an array of the data",
    });
  }
  return {
    kind: "call",
    fn: "is_missing",
    args: [read],
    over: null,
    type: array(bool, read.type.shape),
    stage: "data",
    span: node.span,
  };
}
