// `let`, `report` and `param`: AST → checked statements. What is wrong is reported and left out.

import type * as Ast from "../syntax/ast.ts";
import { stageOf } from "./check-apply.ts";
import { carriedView, fitDefinition } from "./check-carried.ts";
import { checkExpr, isArray, needData } from "./check-expr.ts";
import { disjoint, hull, showRange } from "./check-interval.ts";
import { rangeOf, rangeOfBounds } from "./check-range.ts";
import { define, fault, find, outsidePlates, rootOf, textOf, spoil, platesOf } from "./check-scope.ts";
import type { CarriedView, Env, Scope } from "./check-scope.ts";
import { checkNameRead } from "./check-subscript.ts";
import { checkAttributes, checkTarget } from "./check-target.ts";
import { checkArrayType, checkBounds } from "./check-type.ts";
import { fitType } from "./check-value.ts";
import { dependencies } from "./check-walk.ts";
import type { ReportStmt, Stmt, Symbol } from "./model.ts";
import { array, real, showType } from "./types.ts";
import type { ArrayType } from "./types.ts";

type Kind<K extends Ast.Statement["kind"]> = Extract<Ast.Statement, { kind: K }>;

export function checkLet(statement: Kind<"let">, env: Env): Stmt | null {
  const { target, span } = statement;
  checkAttributes(statement, [], env);
  const carried = checkTarget(target, null, env);
  const value = checkExpr(statement.value, env);
  if (carried === null || value === null) return spoil(target.name, env);
  const { latents, varies } = dependencies(env, [value]);
  const foreign = varies.filter((index) => !carried.owners.includes(index));
  const lost =
    target.subs === null ? undefined : foreign.find((index) => env.plates.some(({ symbol: open }) => open === index));
  if (lost !== undefined) {
    const { text, span: at } = target.name;
    const indices = [...carried.owners, lost].map((owner) => owner.name).join(", ");
    fault(
      env,
      "PPL205",
      at,
      { name: text, varies: lost.name },
      {
        hint: `write ${text}[${indices}], or ${text} without indices for a value that stays inside the plate`,
      },
    );
    return spoil(target.name, env);
  }
  const view = carriedView(target.name, env);
  const handsOn = view === undefined ? [] : (env.scan?.conditions ?? []);
  const symbol: Symbol = {
    name: target.name.text,
    kind: "let",
    type: view?.type ?? value.type,
    axes: carried.axes,
    stage: view?.stage === "latent" ? "latent" : stageOf([value, ...handsOn]),
    span: target.name.span,
  };
  const facts = {
    owners: carried.owners,
    latents: [...new Set([...(view?.latents ?? []), ...latents, ...dependencies(env, handsOn).latents])],
    varies: target.subs === null ? varies : foreign, // what is left varies around the call of a `fun`
    partial: false,
    range: view?.start == null ? rangeOf(value, env) : hull([rangeOf(view.start, env), rangeOf(value, env)]),
  };
  const fitted = view === undefined ? value : fitDefinition(value, symbol, facts.latents, view, env);
  if (fitted === null) return spoil(target.name, env);
  if (!define(env, scopeOfLet(target, view, env), target.name, symbol, facts)) return null;
  return { kind: "let", symbol, plates: platesOf(env), value: fitted, span };
}

/** A trajectory outlives the branch of a condition in which it is defined. */
function scopeOfLet(target: Ast.Target, view: CarriedView | undefined, env: Env): Scope {
  if (target.subs === null) return env.scope;
  return outsidePlates(view === undefined ? env.scope : (env.scan?.outside ?? env.scope));
}

export function checkReport(statement: Kind<"report">, env: Env): readonly Stmt[] | null {
  const { target, value: node, span } = statement;
  const { outputName } = checkAttributes(statement, ["name"], env);
  const carried = checkTarget(target, "reported", env);
  const read =
    node === null
      ? checkNameRead(target.name, target.subs === null ? null : { subs: target.subs, span: target.span }, env)
      : checkExpr(node, env);
  if (carried === null || read === null) return node === null ? null : spoil(target.name, env);
  const { text } = target.name;
  const known = node === null ? (find(env.scope, text)?.symbol ?? null) : null;
  if (known?.kind === "site" && outputName === null) return null;
  const symbol: Symbol = known ?? {
    name: text,
    kind: "let",
    type: read.type,
    axes: carried.axes,
    stage: read.stage,
    span: target.name.span,
  };
  const { latents } = dependencies(env, [read]);
  const facts = { owners: carried.owners, latents, varies: [], partial: env.partial, range: rangeOf(read, env) };
  if (known === null && !define(env, outsidePlates(env.scope), target.name, symbol, facts)) return null;
  const own: Stmt[] =
    known === null && !isArray(read) ? [{ kind: "let", symbol, plates: platesOf(env), value: read, span }] : [];
  return [
    ...own,
    ...reportsOf({ kind: "report", symbol, plates: platesOf(env), value: read, outputName: outputName ?? text, span }),
  ];
}

/** A report of a record is one of each of its fields, `a.loc`. */
function reportsOf(report: ReportStmt): readonly ReportStmt[] {
  const { symbol, value, outputName } = report;
  if (value.type.kind === "array") return [report];
  return Object.entries(value.type.fields).flatMap(([field, type]) => {
    const own = symbol.type.kind === "record" ? symbol.type.fields[field] : undefined;
    return reportsOf({
      ...report,
      symbol: { ...symbol, name: `${symbol.name}.${field}`, type: own ?? type },
      value: { kind: "field", base: value, field, type, stage: value.stage, span: value.span },
      outputName: `${outputName}.${field}`,
    });
  });
}

// ---------------------------------------------------------------------------------------- param

export function checkParam(statement: Kind<"param">, env: Env): Stmt | null {
  const { target, span } = statement;
  checkAttributes(statement, ["name"], env);
  const carried = checkTarget(target, "a `param`", env);
  const start = checkExpr(statement.value, env);
  const declared = statement.type === null ? null : paramType(statement.type, env);
  if (carried === null || start === null || (statement.type !== null && declared === null))
    return spoil(target.name, env);
  const type = declared ?? (start.type.kind === "array" ? array(real, start.type.shape) : null);
  if (type === null) {
    fault(env, "PPL306", start.span, {
      value: textOf(start.span),
      found: showType(start.type),
      op: "a `param`",
      wants: "real",
    });
    return spoil(target.name, env);
  }
  const fills = start.type.kind === "array" && start.type.shape.length === 0 ? array(real, []) : type;
  const value = needData(env, start, "the start of a `param`")
    ? fitType(start, fills, `\`${target.name.text}\``, env)
    : null;
  if (value === null) return spoil(target.name, env);
  const bounds = statement.type?.kind === "type" ? checkBounds(statement.type, type, env) : [];
  const range = rangeOfBounds(bounds, env);
  if (disjoint(rangeOf(value, env), range)) {
    fault(env, "PPL310", value.span, {
      kind: "value",
      name: target.name.text,
      bounds: showRange(range),
      value: textOf(value.span),
      range: showRange(rangeOf(value, env)),
    });
  }
  const symbol: Symbol = {
    name: target.name.text,
    kind: "param",
    type,
    axes: carried.axes,
    stage: "latent",
    span: target.name.span,
  };
  const facts = { owners: carried.owners, latents: [symbol.name], varies: [], partial: env.partial, range };
  return define(env, rootOf(env.scope), target.name, symbol, facts)
    ? { kind: "param", symbol, plates: platesOf(env), bounds, value, span }
    : null;
}

/** A param is optimised by gradients: real. */
function paramType(node: Ast.TypeNode, env: Env): ArrayType | null {
  const type = node.kind === "type" ? checkArrayType(node, env) : null;
  if (node.kind === "type" && type === null) return null;
  if (type !== null && type.elem.kind === "real" && node.kind === "type" && !node.optional) return type;
  return fault(env, "PPL306", node.span, {
    value: textOf(node.span),
    found: "not real",
    op: "a `param`",
    wants: "a real, or an array of reals",
  });
}
