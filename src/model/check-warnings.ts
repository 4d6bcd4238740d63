// Warnings about a model that is valid: what nothing uses, what counts twice, what will be hard to fit.

import { diagnose } from "../base/diagnostic.ts";
import { distOf } from "../dist/index.ts";
import { factsOf, textOf } from "./check-scope.ts";
import type { Checker, Env } from "./check-scope.ts";
import { dependencies, eachStmt, exprsOf, partsOf } from "./check-walk.ts";
import { allOf, readsOf } from "./density-reads.ts";
import { rowOf } from "./dist-row.ts";
import { readSymbol } from "./imputed.ts";
import type { Expr, Model, ObserveStmt, SampleStmt, Stmt, Symbol } from "./model.ts";
import { observedSymbols } from "./observed.ts";
import { warnJumps } from "./warn-jumps.ts";
import { warnLabels } from "./warn-labels.ts";
import { warnDivisions, warnReach } from "./warn-reach.ts";

/** Appends the warnings; `env` is that of the model block. */
export function warn(model: Model, checker: Checker, env: Env): void {
  const statements = allOf(model.body);
  const readers = readersOf(statements, env);
  const reads = readsOf(statements);
  for (const site of model.sites) {
    const { name, span } = site.symbol;
    if (rowOf(site.dist).dist.improper === true)
      checker.report.push(diagnose("PPL420", span, { site: name, dist: site.dist.name }));
    warnCentred(site, readers.get(name) ?? [], checker, env);
  }
  warnUninformed(model.sites, statements, env);
  warnJumps(reads, statements, env, checker.report);
  warnReach(statements, env, checker.report);
  warnDivisions([...declaredValues(model), ...statements.flatMap(exprsOf)], checker.report);
  warnLabels(statements, reads, checker.report);
  warnTwice(model.body, checker);
  warnRepeated(statements, checker, env);
  warnUnused(model, checker);
  warnMissing(model, statements, checker);
}

/** The statements that depend on each site or param, directly or through lets. */
function readersOf(statements: readonly Stmt[], env: Env): ReadonlyMap<string, readonly Stmt[]> {
  const found = new Map<string, Stmt[]>();
  for (const stmt of statements) {
    for (const name of dependencies(env, exprsOf(stmt)).latents) {
      const known = found.get(name);
      if (known === undefined) found.set(name, [stmt]);
      else known.push(stmt);
    }
  }
  return found;
}

const declaredValues = ({ data, dims }: Model): readonly Expr[] =>
  [...data, ...dims].flatMap(({ value }) => value ?? []);

// ---------------------------------------------------------------------------------------- sites without evidence

/** PPL411 for sites on which nothing depends that is observed or a `factor`. Where the model has neither, only for
 *  those that nothing reads. */
function warnUninformed(sites: readonly SampleStmt[], statements: readonly Stmt[], env: Env): void {
  const evidence = statements.filter(({ kind }) => kind === "observe" || kind === "factor" || kind === "if");
  const isPrior = !statements.some(({ kind }) => kind === "observe" || kind === "factor");
  const parents = new Map(sites.map((site) => [site.symbol.name, dependencies(env, exprsOf(site)).latents]));
  const informed = new Set<string>();
  const visit = (names: readonly string[]): void => {
    for (const name of names) {
      if (informed.has(name)) continue;
      informed.add(name);
      visit(parents.get(name) ?? []);
    }
  };
  visit(isPrior ? [...parents.values()].flat() : dependencies(env, evidence.flatMap(exprsOf)).latents);
  for (const { name, span } of sites.map(({ symbol }) => symbol).filter((symbol) => !informed.has(symbol.name))) {
    const readers = [...parents].flatMap(([reader, read]) => (reader !== name && read.includes(name) ? [reader] : []));
    env.checker.report.push(diagnose("PPL411", span, { site: name, readers }));
  }
}

// ---------------------------------------------------------------------------------------- centred hierarchies

const SCALES = ["sd", "scale", "variance", "precision"];

/** PPL422: members whose scale is latent, each read by one observation of its own plates only. With several data for
 *  each member centring is right, and how many a gather finds is not known here. */
function warnCentred(site: SampleStmt, readers: readonly Stmt[], checker: Checker, env: Env): void {
  const { symbol, plates } = site;
  const row = distOf(site.dist.name);
  const scale = Object.entries(site.dist.args).find(([name]) => SCALES.includes(name))?.[1];
  if (row?.supportKind !== "real" || plates.length === 0 || scale === undefined || scale.stage === "data") return;
  const own = readers.filter((stmt) => stmt.kind === "observe");
  if (
    own.length !== 1 ||
    readers.some((stmt) => stmt.kind !== "observe" && stmt.kind !== "let" && stmt.kind !== "report")
  )
    return;
  const samePlates =
    own[0]!.plates.length === plates.length && own[0]!.plates.every((plate, i) => plate.axis === plates[i]!.axis);
  if (!samePlates || own[0]!.value.type.kind !== "array" || own[0]!.value.type.shape.length > 0) return;
  const mean = site.dist.args.mean ?? site.dist.args.loc;
  const indices = `[${factsOf(env, symbol)
    .owners.map((owner) => owner.name)
    .join(", ")}]`;
  const args = { site: symbol.name, scale: dependencies(env, [scale]).latents.join(", ") };
  const value = mean === undefined ? "" : `${textOf(mean.span)} + ${textOf(scale.span)} * z${indices}`;
  const hint = `non-centred: sample z${indices} ~ Normal(0, 1) and let ${symbol.name}${indices} = ${value}`;
  checker.report.push(
    diagnose("PPL422", symbol.span, args, row.name === "Normal" && "sd" in site.dist.args ? { hint } : {}),
  );
}

// ---------------------------------------------------------------------------------------- observed twice

/** PPL424 for two statements that observe the same entries, unless they stand in the two branches of one condition. */
function warnTwice(body: readonly Stmt[], checker: Checker): void {
  const visit = (stmts: readonly Stmt[], before: readonly ObserveStmt[]): readonly ObserveStmt[] =>
    stmts.reduce<readonly ObserveStmt[]>((seen, stmt) => {
      if (stmt.kind === "plate" || stmt.kind === "scan") return visit(stmt.body, seen);
      if (stmt.kind === "if") return [...visit(stmt.then, seen), ...visit(stmt.otherwise, seen).slice(seen.length)];
      if (stmt.kind !== "observe") return seen;
      const first = seen.find((other) => other.name === stmt.name && mayMeet(other.value, stmt.value));
      if (first !== undefined) {
        checker.report.push(
          diagnose(
            "PPL424",
            stmt.value.span,
            { value: textOf(stmt.value.span) },
            {
              labels: [{ span: first.value.span, text: "first here" }],
            },
          ),
        );
      }
      return [...seen, stmt];
    }, before);
  visit(body, []);
}

/** Could two reads of one array meet? Not if a literal subscript tells them apart; reads by index arrays are taken
 *  to be different. */
function mayMeet(a: Expr, b: Expr): boolean {
  if (a.kind === "call") return mayMeet(a.args[0]!, b);
  if (b.kind === "call") return mayMeet(a, b.args[0]!);
  if (a.kind !== "subscript" || b.kind !== "subscript") return a.kind === b.kind;
  return a.subs.every((sub, i) => {
    const other = b.subs[i];
    if (sub.kind !== "index" || other?.kind !== "index")
      return sub.kind === "slice" && other?.kind === "slice" && textOf(a.span) === textOf(b.span);
    if (sub.value.kind === "number" && other.value.kind === "number") return sub.value.value === other.value.value;
    return sub.value.kind === "name" && other.value.kind === "name";
  });
}

/** PPL424 for an observation that does not vary along a plate around it, and stands under no condition that does. */
function warnRepeated(statements: readonly Stmt[], checker: Checker, env: Env): void {
  const axes = new Map(
    statements.flatMap((stmt) =>
      stmt.kind === "plate" || stmt.kind === "scan"
        ? stmt.binders.map(({ symbol, plate }) => [symbol, plate.axis] as const)
        : [],
    ),
  );
  const conditions = conditionsOf(statements);
  for (const stmt of statements) {
    if (stmt.kind !== "observe") continue;
    const varied = dependencies(env, [stmt.value, ...(conditions.get(stmt) ?? [])]).varies.map((index) =>
      axes.get(index),
    );
    const plate = stmt.plates.find(({ axis }) => !varied.includes(axis));
    if (plate !== undefined) {
      checker.report.push(
        diagnose("PPL424", stmt.value.span, { value: textOf(stmt.value.span), plate: String(plate.dim) }),
      );
    }
  }
}

/** The conditions around every statement that has some. */
function conditionsOf(statements: readonly Stmt[]): ReadonlyMap<Stmt, readonly Expr[]> {
  const found = new Map<Stmt, readonly Expr[]>();
  for (const stmt of statements) {
    if (stmt.kind !== "if") continue;
    eachStmt([...stmt.then, ...stmt.otherwise], (inner) =>
      found.set(inner, [...(found.get(inner) ?? []), stmt.condition]),
    );
  }
  return found;
}

// ---------------------------------------------------------------------------------------- unused

/** PPL425 for data and dims that nothing reads. */
function warnUnused(model: Model, checker: Checker): void {
  for (const { symbol } of model.data) {
    if (!checker.reads.has(symbol))
      checker.report.push(diagnose("PPL425", symbol.span, { what: "data", name: symbol.name }));
  }
  for (const { name, span } of model.dims) {
    if (!checker.dimReads.has(name)) checker.report.push(diagnose("PPL425", span, { what: "dim", name }));
  }
}

// ---------------------------------------------------------------------------------------- missing data

/** PPL404 for arrays that may have missing entries, where no `observe` gives them a distribution and nothing asks which
 *  are missing. */
function warnMissing(model: Model, statements: readonly Stmt[], checker: Checker): void {
  const handled = new Set<Symbol | null>(observedSymbols(model));
  const visit = (expr: Expr): void => {
    if (expr.kind === "call" && expr.fn === "is_missing") handled.add(readSymbol(expr.args[0]!));
    partsOf(expr).forEach(visit);
  };
  statements.flatMap(exprsOf).forEach(visit);
  for (const { symbol, optional } of model.data) {
    if (!optional || handled.has(symbol)) continue;
    checker.report.push(
      diagnose(
        "PPL404",
        symbol.span,
        { name: symbol.name },
        {
          hint: `observe ${symbol.name}, ask is_missing(${symbol.name}[…]) where it is read, or declare it without \`?\``,
        },
      ),
    );
  }
}
