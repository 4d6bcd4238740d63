// Statements of a model (and those that a guide has too): AST → checked statements. What is wrong is reported and left
// out.

import type { Dist } from "../dist/dist.ts";
import type * as Ast from "../syntax/ast.ts";
import { allStatements, targetsOf } from "../syntax/walk.ts";
import { stageOf, toNumber } from "./check-apply.ts";
import { carriedView, fitDefinition, fitsDraw } from "./check-carried.ts";
import { mayBeLatent } from "./check-combinator.ts";
import { checkDist } from "./check-dist.ts";
import { asArray, checkArrayExpr, checkCondition, checkExpr, isArray, needData, openBinders } from "./check-expr.ts";
import { familyStatement, guideSample } from "./check-guide.ts";
import type { GuideParts } from "./check-guide.ts";
import { disjoint, hull, showRange } from "./check-interval.ts";
import { rangeOf, rangeOfBounds, rangeOfReach, reachOf } from "./check-range.ts";
import { define, fault, find, leave, newScope, outsidePlates, rootOf, textOf, unknownName } from "./check-scope.ts";
import type { CarriedView, Env, Scope } from "./check-scope.ts";
import { checkScan } from "./check-scan.ts";
import { underCondition } from "./check-steps.ts";
import { readSymbol } from "./imputed.ts";
import { checkNameRead } from "./check-subscript.ts";
import type { Attributes } from "./check-target.ts";
import { checkAttributes, checkTarget } from "./check-target.ts";
import { rowOf } from "./dist-row.ts";
import type { DistExpr } from "./model.ts";
import { checkArrayType, checkBounds } from "./check-type.ts";
import { fitType, fitValue } from "./check-value.ts";
import { dependencies } from "./check-walk.ts";
import type { Expr, ObserveStmt, PlateAxis, ReportStmt, Stmt, Symbol } from "./model.ts";
import { array, real, showType } from "./types.ts";
import type { ArrayType } from "./types.ts";

type Kind<K extends Ast.Statement["kind"]> = Extract<Ast.Statement, { kind: K }>;
type Density = Extract<Ast.Statement, { dist: Ast.Expr }>;

/** `guide`: what the statements of a guide block add up to beside themselves; null in a model. */
export function checkBody(body: Ast.Body, env: Env, guide: GuideParts | null): Stmt[] {
  return body.statements.flatMap((statement) => checkStatement(statement, env, guide) ?? []);
}

function checkStatement(statement: Ast.Statement, env: Env, guide: GuideParts | null): Stmt | readonly Stmt[] | null {
  switch (statement.kind) {
    case "sample":
      return guide === null ? checkSample(statement, env) : guideSample(statement, env, guide);
    case "observe":
      return checkObserve(statement, env);
    case "let":
      return checkLet(statement, env);
    case "param":
      return checkParam(statement, env);
    case "factor":
      return checkFactor(statement, env);
    case "report":
      return checkReport(statement, env);
    case "plate":
      return checkPlate(statement, env, guide);
    case "if":
      return checkIf(statement, env, guide);
    case "scan":
      return checkScanStatement(statement, env, guide);
    case "default":
    case "block":
      if (guide !== null) familyStatement(statement, env, guide);
      return null;
    case "return":
      return null;
  }
}

const platesOf = (env: Env): readonly PlateAxis[] => env.plates.map(({ plate }) => plate);

/** Names whose definitions are not checked: reads of them are passed over. */
function poison(names: readonly Ast.Name[], env: Env): void {
  for (const name of names) {
    if (find(env.scope, name.text) === null)
      rootOf(env.scope).entries.set(name.text, { name: name.text, symbol: null, span: name.span });
  }
}

const namesIn = (body: Ast.Body): Ast.Name[] => [...targetsOf(body)].map(([text, span]) => ({ text, span }));

/** Enters a name whose definition was wrong. */
function spoil(name: Ast.Name, env: Env): null {
  define(env, rootOf(env.scope), name, null);
  return null;
}

// ---------------------------------------------------------------------------------------- sample, observe

function checkSample(statement: Density, env: Env): Stmt | null {
  const { target, span } = statement;
  const { name } = target;
  const attributes = checkAttributes(
    statement,
    env.block === "predict" ? ["name"] : ["estimator", "name", "marginal"],
    env,
  );
  const carried = checkTarget(target, "sampled", env);
  const dist = checkDist(statement.dist, env);
  if (carried === null || dist === null) return spoil(name, env);
  const symbol: Symbol = {
    name: name.text,
    kind: "site",
    type: dist.type,
    axes: carried.axes,
    stage: "latent",
    span: name.span,
  };
  const facts = {
    owners: carried.owners,
    latents: [name.text],
    varies: [],
    partial: env.partial,
    range: rangeOfReach(reachOf(dist, env)),
  };
  if (env.block === "model" && !mayBeLatent(dist, env)) return spoil(name, env);
  if (env.block === "predict" && rowOf(dist).dist.draw.kind === "none") {
    fault(env, "PPL710", dist.span, { site: name.text, dist: dist.name }, { hint: "give it a proper distribution" });
    return spoil(name, env);
  }
  const view = carriedView(name, env);
  if (view !== undefined && !fitsDraw(dist, symbol, view, env)) return spoil(name, env);
  if (!define(env, rootOf(env.scope), name, symbol, facts)) return null;
  return {
    kind: "sample",
    symbol,
    plates: platesOf(env),
    dist,
    estimator: attributes.estimator,
    outputName: attributes.outputName ?? name.text,
    marginal: attributes.marginal && canBeSummed(statement, dist, attributes, env),
    span,
  };
}

/** A count between two ends that are data. */
const endsInData = (row: Dist, dist: DistExpr, env: Env): boolean =>
  row.supportKind === "count" &&
  dist.parts.length === 0 &&
  reachOf(dist, env).upper !== Infinity &&
  row.forms[dist.form]!.params.every(
    ({ name, support }) => (support !== "count" && support !== "int") || dist.args[name]?.stage === "data",
  );

function canBeListed(dist: DistExpr, env: Env): boolean {
  const row = rowOf(dist).dist;
  return row.draw.kind === "finite" || endsInData(row, dist, env);
}

/** Only values that can be listed are summed out, and what is summed out has no gradient to estimate. */
function canBeSummed({ span }: Density, dist: DistExpr, { estimator }: Attributes, env: Env): boolean {
  const isListed = canBeListed(dist, env);
  if (!isListed || dist.type.shape.length > 0) {
    const reason = isListed ? "it is an array: sum out one value per plate member" : "its values cannot be listed";
    return fault(env, "PPL412", span, { site: "the site", reason }, { hint: "leave `@marginal` out" }) ?? false;
  }
  if (estimator === null) return true;
  return (
    fault(
      env,
      "PPL412",
      span,
      { site: "the site", reason: "it has no gradient to estimate once it is summed out" },
      { hint: "leave `@estimator` out" },
    ) ?? false
  );
}

function checkObserve(statement: Density, env: Env): Stmt | null {
  const { target, span } = statement;
  const attributes = checkAttributes(statement, ["marginal"], env);
  const read = observedValue(statement, env);
  const dist = checkDist(statement.dist, env);
  const value = read === null || dist === null ? null : fitValue(read, dist, target.span, env);
  if (value === null || dist === null) return null;
  const marginal = attributes.marginal && entriesCanBeSummed(statement, dist, env);
  return { kind: "observe", name: target.name.text, plates: platesOf(env), value, dist, marginal, span };
}

/** Only missing entries are summed out, one by one. */
function entriesCanBeSummed({ target: { name }, span }: Density, dist: DistExpr, env: Env): boolean {
  const reason = !env.checker.imputed.has(name.text)
    ? "nothing of it can be missing: it is not declared with `?`"
    : rowOf(dist).dist.rank > 0 || !canBeListed(dist, env)
      ? "its values cannot be listed"
      : null;
  if (reason === null) return true;
  return fault(env, "PPL412", span, { site: `\`${name.text}\``, reason }, { hint: "leave `@marginal` out" }) ?? false;
}

/** Data, or a `let` of data only, with subscripts of data. */
function observedValue(
  { target, dist }: Density,
  env: Env,
): (ObserveStmt["value"] & { readonly type: ArrayType }) | null {
  const { name, subs } = target;
  const entry = find(env.scope, name.text);
  if (entry === null && !env.sizes.has(name.text)) return unknownName(env, name);
  if (entry !== null && entry.symbol === null) return null;
  const is = entry === null ? "a dim" : KINDS[entry.symbol!.kind];
  if (is !== undefined) {
    return fault(
      env,
      "PPL401",
      name.span,
      { name: name.text, is },
      {
        labels: entry === null ? [] : [{ span: entry.span, text: "defined here" }],
        hint: entry?.symbol?.kind === "site" ? `the density of \`${name.text}\` is already in the model` : undefined,
      },
    );
  }
  const value = checkNameRead(name, subs === null ? null : { subs, span: target.span }, env);
  const checked = value === null ? null : asArray(value, env, "`observe`");
  if (checked === null || checked.stage === "data" || isOwnRead(checked, env)) return checked;
  return fault(
    env,
    "PPL403",
    target.span,
    { value: textOf(target.span), names: dependencies(env, [checked]).latents },
    {
      hint: `write factor log_prob(${textOf(dist.span)}, ${textOf(target.span)})`,
    },
  );
}

/** A read by data subscripts of data whose missing entries are latent. */
const isOwnRead = (read: Expr, env: Env): boolean =>
  readSymbol(read)?.kind === "data" &&
  dependencies(
    env,
    read.kind === "subscript" ? read.subs.flatMap((sub) => (sub.kind === "index" ? [sub.value] : [])) : [],
  ).latents.length === 0;

const KINDS: Partial<Record<Symbol["kind"], string>> = {
  site: "a latent site",
  param: "a param",
  "plate-index": "an index",
  dim: "a dim",
  constant: "a constant",
};

// ---------------------------------------------------------------------------------------- let, report, factor

function checkLet(statement: Kind<"let">, env: Env): Stmt | null {
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

function checkReport(statement: Kind<"report">, env: Env): readonly Stmt[] | null {
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

function checkFactor(statement: Kind<"factor">, env: Env): Stmt | null {
  checkAttributes(statement, [], env);
  const checked = checkArrayExpr(statement.value, env, "`factor`");
  if (checked === null) return null;
  const value = toNumber(checked, env);
  if (value.type.shape.length > 0) {
    return fault(
      env,
      "PPL301",
      checked.span,
      { op: "`factor`", needs: "a scalar", value: textOf(checked.span), shape: value.type.shape },
      {
        hint: `write sum(${textOf(checked.span)})`,
      },
    );
  }
  return { kind: "factor", plates: platesOf(env), value, span: statement.span };
}

// ---------------------------------------------------------------------------------------- param

function checkParam(statement: Kind<"param">, env: Env): Stmt | null {
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

// ---------------------------------------------------------------------------------------- plates and conditions

function checkPlate(statement: Kind<"plate">, env: Env, guide: GuideParts | null): Stmt | null {
  checkAttributes(statement, [], env);
  const opened = openBinders(statement.binders, env);
  if (opened === null) {
    poison(namesIn(statement.body), env);
    return null;
  }
  const inner: Env = { ...opened.env, plates: [...env.plates, ...opened.binders] };
  const body = checkBody(statement.body, inner, guide);
  leave(env, inner.scope);
  return { kind: "plate", binders: opened.binders, body, span: statement.span };
}

function checkScanStatement(statement: Kind<"scan">, env: Env, guide: GuideParts | null): Stmt | null {
  checkAttributes(statement, [], env);
  const checked = checkScan(statement, env, guide, checkBody);
  if (checked === null) {
    poison([...statement.carried.map(({ name }) => name), ...namesIn(statement.body)], env);
    return null;
  }
  leave(env, checked.scope);
  return checked.stmt;
}

function checkIf(statement: Kind<"if">, env: Env, guide: GuideParts | null): Stmt | null {
  checkAttributes(statement, [], env);
  const condition = checkScalarCondition(statement.condition, env);
  const bodies = [statement.then, ...(statement.otherwise === null ? [] : [statement.otherwise])];
  if (condition === null || (condition.stage === "latent" && refusesLatent(condition, bodies, env))) {
    for (const body of bodies) poison(namesIn(body), env);
    return null;
  }
  const partial = env.partial || (condition.stage === "data" && dependencies(env, [condition]).varies.length > 0);
  const [then = [], otherwise = []] = bodies.map((body, branch) => {
    const inner: Env = {
      ...underCondition(env, condition, branch === 0),
      scope: newScope("branch", env.scope),
      partial,
    };
    const statements = checkBody(body, inner, guide);
    leave(env, inner.scope);
    return statements;
  });
  return { kind: "if", condition, then, otherwise, span: statement.span };
}

function checkScalarCondition(node: Ast.Expr, env: Env): Expr | null {
  const condition = checkArrayExpr(node, env, "a condition");
  if (condition === null || !checkCondition(condition, env)) return null;
  if (condition.type.shape.length === 0) return condition;
  return fault(
    env,
    "PPL301",
    node.span,
    { op: "`if`", needs: "a scalar", value: textOf(node.span), shape: condition.type.shape },
    {
      hint: "any(…) or all(…) makes one of it",
    },
  );
}

/** Terms are chosen by a latent condition; what is named in the output, sampled or optimised is there in any case. */
function refusesLatent(condition: Expr, bodies: readonly Ast.Body[], env: Env): boolean {
  const names = dependencies(env, [condition]).latents;
  let refused = false;
  const refuse = (inner: Ast.Statement): void => {
    if (inner.kind === "sample") {
      fault(
        env,
        "PPL405",
        inner.span,
        { site: inner.target.name.text, names },
        {
          hint: "sample it always, and choose by `if … then … else …` what is read",
        },
      );
    } else if (inner.kind === "report" || inner.kind === "param") {
      fault(
        env,
        "PPL104",
        inner.span,
        { statement: inner.kind, block: "branch of a latent condition" },
        {
          hint: "write it outside, and choose by `if … then … else …` what is read",
        },
      );
    } else return;
    refused = true;
  };
  bodies.flatMap(allStatements).forEach(refuse);
  return refused;
}
