// Source → model: names, types, shapes and supports resolved, functions inlined. Nothing is known of the data.

import { diagnose, hasErrors } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import type { Source } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";
import { allStatements, targetsOf } from "../syntax/walk.ts";
import { calledIn } from "./check-called.ts";
import { baseOf, checkData, dimsOf, namesOf, sizesOf } from "./check-data.ts";
import { ensureChecked } from "./check-fun.ts";
import type { GuideParts } from "./check-guide.ts";
import { imputedNames, imputedSites } from "./check-missing.ts";
import { checkPredicts } from "./check-predict.ts";
import { definedReports } from "./check-reports.ts";
import { newScope } from "./check-scope.ts";
import type { Called, Checker, Env, Scope } from "./check-scope.ts";
import { checkBody } from "./check-statement.ts";
import { eachStmt } from "./check-walk.ts";
import { warn } from "./check-warnings.ts";
import { programOf } from "./imports.ts";
import type { Program } from "./imports.ts";
import type { Model, ReportStmt, SampleStmt, Stmt } from "./model.ts";

/** The checked model, or null with errors in the report. A library (a file without data, model and guide) has no
 *  model and no errors. */
export function check(source: Source): { model: Model | null; report: Report } {
  const parsed = parse(source);
  if (hasErrors(parsed.report)) return { model: null, report: parsed.report };
  const report: Report = [...parsed.report];
  const program = programOf(parsed.file, source, report);
  const model = hasErrors(report) ? null : checkShallow(program, source, report);
  return { model: hasErrors(report) ? null : model, report: inOrder(report, source) };
}

/** By place: the file itself, then its libraries. */
function inOrder(report: Report, source: Source): Report {
  const files = [...new Set([source.path, ...report.map(fileOf)])];
  return report.sort((a, b) => files.indexOf(fileOf(a)) - files.indexOf(fileOf(b)) || placeOf(a) - placeOf(b));
}

const fileOf = (d: Report[number]): string => (d.at.kind === "source" ? d.at.span.source.path : "");

/** The stack overflows in expressions nested thousands deep. */
function checkShallow(program: Program, source: Source, report: Report): Model | null {
  try {
    return checkFile(program, source, report);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report.push(
      diagnose(
        "PPL101",
        { source, start: 0, end: 0 },
        { expected: null, found: "an expression, too deep to be checked" },
        {
          hint: "split long expressions by let",
        },
      ),
    );
    return null;
  }
}

const placeOf = (d: Report[number]): number => (d.at.kind === "source" ? d.at.span.start : 0);

function checkFile(program: Program, source: Source, report: Report): Model | null {
  const { file } = program;
  refuseUnbuilt(program, report);
  const data = single<Ast.DataBlock>(file, "data", report);
  const model = single<Ast.ModelBlock>(file, "model", report);
  const guide = single<Ast.GuideBlock>(file, "guide", report);
  const dims = dimsOf(data, report);
  const { called, all } = calledIn(program, baseOf(data, report), report);
  const checker = newChecker(file, model, called, report);
  const env: Env = {
    checker,
    scope: newScope("root", null),
    block: "data",
    sizes: sizesOf(dims),
    plates: [],
    indices: [],
    partial: false,
    scan: null,
    guide: null,
    later: data === null ? new Map() : namesOf(data),
  };
  for (const fun of all) ensureChecked(fun, { ...env, later: new Map() });
  const declared = data === null ? { dims: [], data: [] } : checkData(data, dims, env);
  if (model === null) {
    if (data !== null || guide !== null) report.push(diagnose("PPL427", file.span, { missing: "model" }));
    return null;
  }
  const modelEnv: Env = { ...env, scope: newScope("root", env.scope), block: "model", later: targetsOf(model.body) };
  const statements = checkBody(model.body, modelEnv, null);
  const sites = collect(statements, "sample");
  const imputed = imputedSites(declared.data, statements, checker);
  const parts: GuideParts = {
    sites: new Map([...sites, ...imputed].map((site) => [site.symbol.name, site])),
    names: new Set([...sampledNames(model.body), ...checker.imputed]),
    placed: new Map(),
    default: null,
    blocks: [],
  };
  const written = guide === null ? [] : checkBody(guide.body, guideEnv(guide, env.scope, modelEnv.scope, env), parts);
  const predict = checkPredicts(
    file.items.filter((item) => item.kind === "predict"),
    modelEnv,
    declared.dims,
  );
  const body = definedReports(statements, checker);
  const checked: Model = {
    source,
    base: checker.base,
    ...declared,
    body,
    guide: written,
    families: { default: parts.default, blocks: parts.blocks },
    sites,
    reports: collect(body, "report"),
    predict,
  };
  refuseEmpty(checked, model, report);
  if (!hasErrors(report)) warn(checked, checker, modelEnv);
  return checked;
}

// ---------------------------------------------------------------------------------------- the file

/** The one block of a kind; further ones are PPL203. */
function single<T extends Ast.DataBlock | Ast.ModelBlock | Ast.GuideBlock>(
  file: Ast.File,
  kind: T["kind"],
  report: Report,
): T | null {
  const [first, ...more] = file.items.filter((item) => item.kind === kind) as T[];
  for (const again of more) {
    report.push(
      diagnose("PPL203", again.span, { name: kind }, { labels: [{ span: first!.span, text: "first here" }] }),
    );
  }
  return first ?? null;
}

function refuseUnbuilt({ file, libraries }: Program, report: Report): void {
  for (const item of file.items) if (item.kind === "net") report.push(diagnose("PPL901", item.span, { what: "`net`" }));
  for (const library of libraries) refuseUnbuilt(library, report);
}

function newChecker(file: Ast.File, model: Ast.ModelBlock | null, called: Called, report: Report): Checker {
  return {
    ...called,
    report,
    facts: new Map(),
    imputed: imputedNames(file),
    taken: drawNames(model),
    reads: new Set(),
    dimReads: new Set(),
    left: new Set(),
  };
}

/** `y_rep` is taken by the predictive draws of an observed `y`. */
function drawNames(model: Ast.ModelBlock | null): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (model !== null) {
    for (const statement of allStatements(model.body))
      if (statement.kind === "observe") found.set(`${statement.target.name.text}_rep`, statement.target.name.text);
  }
  return found;
}

// ---------------------------------------------------------------------------------------- model and guide

function collect<K extends "sample" | "report">(
  body: readonly Stmt[],
  kind: K,
): (K extends "sample" ? SampleStmt : ReportStmt)[] {
  const found: Stmt[] = [];
  eachStmt(body, (stmt) => void (stmt.kind === kind && found.push(stmt)));
  return found as (K extends "sample" ? SampleStmt : ReportStmt)[];
}

const sampledNames = (body: Ast.Body): ReadonlySet<string> =>
  new Set(
    allStatements(body).flatMap((statement) => (statement.kind === "sample" ? [statement.target.name.text] : [])),
  );

/** A guide sees data, and of the model its sites, its params and its lets of data only. */
function guideEnv(guide: Ast.GuideBlock, data: Scope, model: Scope, env: Env): Env {
  const view = newScope("root", data);
  const hidden = new Set<string>();
  for (const [name, entry] of model.entries) {
    if (entry.symbol?.kind === "let" && entry.symbol.stage === "latent") hidden.add(name);
    else view.entries.set(name, entry);
  }
  const written = sampledNames(guide.body);
  const own = [...targetsOf(guide.body)].filter(([name]) => !written.has(name));
  return {
    ...env,
    scope: newScope("root", view),
    block: "guide",
    later: new Map(own),
    guide: { written, sampled: new Set(), hidden },
  };
}

function refuseEmpty(model: Model, block: Ast.ModelBlock, report: Report): void {
  let params = 0;
  eachStmt(model.body, (stmt) => void (stmt.kind === "param" && (params += 1)));
  if (model.sites.length === 0 && params === 0 && !hasErrors(report))
    report.push(diagnose("PPL427", block.span, { missing: "sites" }));
}
