// Source → model: names, types, shapes and supports resolved, functions inlined. Nothing is known of the data.

import { diagnose, hasErrors } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/span.ts";
import { isDistName } from "../dist/index.ts";
import { functionNames, layers } from "../function/index.ts";
import type * as Ast from "../syntax/ast.ts";
import { parse } from "../syntax/parse.ts";
import { eachStatement, targetsOf } from "./check-ast.ts";
import { baseOf, checkData, dimsOf, namesOf, sizesOf } from "./check-data.ts";
import { ensureChecked, refuseRecursion } from "./check-fun.ts";
import type { GuideParts } from "./check-guide.ts";
import { imputedNames } from "./check-missing.ts";
import { checkPredicts } from "./check-predict.ts";
import { definedReports } from "./check-reports.ts";
import { newScope } from "./check-scope.ts";
import type { Checker, Env, Fun, Scope } from "./check-scope.ts";
import { checkBody } from "./check-statement.ts";
import { eachStmt } from "./check-walk.ts";
import { warn } from "./check-warnings.ts";
import type { Model, ReportStmt, SampleStmt, Stmt } from "./model.ts";

/** The checked model, or null with errors in the report. A library (a file without data, model and guide) has no
 *  model and no errors. */
export function check(source: Source): { model: Model | null; report: Report } {
  const parsed = parse(source);
  if (hasErrors(parsed.report)) return { model: null, report: parsed.report };
  const report: Report = [...parsed.report];
  const model = checkShallow(parsed.file, source, report);
  return { model: hasErrors(report) ? null : model, report: report.sort((a, b) => placeOf(a) - placeOf(b)) };
}

/** The stack overflows in expressions nested thousands deep. */
function checkShallow(file: Ast.File, source: Source, report: Report): Model | null {
  try {
    return checkFile(file, source, report);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report.push(
      diagnose(
        "PPL901",
        { source, start: 0, end: 0 },
        { what: "an expression as deep as one of this file" },
        {
          hint: "split long expressions by let",
        },
      ),
    );
    return null;
  }
}

const placeOf = (d: Report[number]): number => (d.at.kind === "source" ? d.at.span.start : 0);

function checkFile(file: Ast.File, source: Source, report: Report): Model | null {
  refuseUnbuilt(file, report);
  const data = single<Ast.DataBlock>(file, "data", report);
  const model = single<Ast.ModelBlock>(file, "model", report);
  const guide = single<Ast.GuideBlock>(file, "guide", report);
  const dims = dimsOf(data, report);
  const checker = newChecker(file, model, baseOf(data, report), report);
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
  refuseRecursion(checker);
  for (const fun of checker.funs.values()) ensureChecked(fun, { ...env, later: new Map() });
  const declared = data === null ? { dims: [], data: [] } : checkData(data, dims, env);
  if (model === null) {
    if (data !== null || guide !== null) report.push(diagnose("PPL427", file.span, { missing: "model" }));
    return null;
  }
  const modelEnv: Env = { ...env, scope: newScope("root", env.scope), block: "model", later: targetsOf(model.body) };
  const statements = checkBody(model.body, modelEnv, null);
  const sites = collect(statements, "sample");
  const parts: GuideParts = {
    sites: new Map(sites.map((site) => [site.symbol.name, site])),
    names: sampledNames(model.body),
    placed: new Map(),
    default: null,
    blocks: [],
  };
  const written = guide === null ? [] : checkBody(guide.body, guideEnv(guide, env.scope, modelEnv.scope, env), parts);
  const predict = checkPredicts(file.items.filter((item) => item.kind === "predict"), modelEnv, declared.dims);
  const body = definedReports(statements, checker);
  const checked: Model = {
    source, base: checker.base, ...declared, body, guide: written,
    families: { default: parts.default, blocks: parts.blocks }, sites, reports: collect(body, "report"), predict,
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

function refuseUnbuilt(file: Ast.File, report: Report): void {
  const whats = { import: "`import`", net: "`net`" } as const;
  for (const item of file.items) {
    if (item.kind === "import" || item.kind === "net")
      report.push(diagnose("PPL901", item.span, { what: whats[item.kind] }));
  }
}

function newChecker(file: Ast.File, model: Ast.ModelBlock | null, base: 0 | 1, report: Report): Checker {
  return {
    report,
    base,
    funs: funsOf(file, report),
    nets: new Set(file.items.flatMap((item) => (item.kind === "net" ? [item.name.text] : []))),
    imports: file.items.some((item) => item.kind === "import"),
    facts: new Map(),
    imputed: imputedNames(file),
    taken: drawNames(model),
    reads: new Set(),
    dimReads: new Set(),
    left: new Set(),
  };
}

function funsOf(file: Ast.File, report: Report): ReadonlyMap<string, Fun> {
  const found = new Map<string, Fun>();
  const taken = new Map<string, Span>();
  for (const item of file.items) {
    if (item.kind !== "fun" && item.kind !== "net") continue;
    const { text, span } = item.name;
    const before = taken.get(text);
    const builtIn = builtInKind(text);
    if (builtIn !== null) report.push(diagnose("PPL204", span, { name: text, what: builtIn }));
    if (before !== undefined)
      report.push(diagnose("PPL203", span, { name: text }, { labels: [{ span: before, text: "defined here" }] }));
    taken.set(text, before ?? span);
    if (item.kind === "fun" && before === undefined) found.set(text, { decl: item, state: "new" });
  }
  return found;
}

function builtInKind(name: string): string | null {
  if (functionNames.includes(name)) return "function";
  if (isDistName(name)) return "distribution";
  return layers.includes(name) ? "layer" : null;
}

/** `y_rep` is taken by the predictive draws of an observed `y`. */
function drawNames(model: Ast.ModelBlock | null): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (model !== null) {
    eachStatement(model.body, (statement) => {
      if (statement.kind === "observe") found.set(`${statement.target.name.text}_rep`, statement.target.name.text);
    });
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

function sampledNames(body: Ast.Body): ReadonlySet<string> {
  const found = new Set<string>();
  eachStatement(body, (statement) => void (statement.kind === "sample" && found.add(statement.target.name.text)));
  return found;
}

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
