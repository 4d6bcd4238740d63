// `sample` and `observe`: AST → checked statements. What is wrong is reported and left out.

import type { Dist } from "../dist/dist.ts";
import type * as Ast from "../syntax/ast.ts";
import { carriedView, fitsDraw } from "./check-carried.ts";
import { mayBeLatent } from "./check-combinator.ts";
import { checkDist } from "./check-dist.ts";
import { asArray } from "./check-expr.ts";
import { rangeOfReach, reachOf } from "./check-range.ts";
import { define, fault, find, rootOf, textOf, unknownName, spoil, platesOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { checkNameRead } from "./check-subscript.ts";
import { checkAttributes, checkTarget } from "./check-target.ts";
import type { Attributes } from "./check-target.ts";
import { fitValue } from "./check-value.ts";
import { dependencies } from "./check-walk.ts";
import { rowOf } from "./dist-row.ts";
import { readSymbol } from "./imputed.ts";
import type { DistExpr, Expr, ObserveStmt, Stmt, Symbol } from "./model.ts";
import type { ArrayType } from "./types.ts";

type Density = Extract<Ast.Statement, { dist: Ast.Expr }>;

export function checkSample(statement: Density, env: Env): Stmt | null {
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

export function checkObserve(statement: Density, env: Env): Stmt | null {
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
