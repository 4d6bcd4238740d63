// Statements of a model (and those that a guide has too): AST → checked statements. What is wrong is reported and left
// out.

import type * as Ast from "../syntax/ast.ts";
import { allStatements, targetsOf } from "../syntax/walk.ts";
import { toNumber } from "./check-apply.ts";
import { checkLet, checkReport, checkParam } from "./check-definition.ts";
import { checkSample, checkObserve } from "./check-density.ts";
import { checkArrayExpr, checkCondition, openBinders } from "./check-expr.ts";
import { familyStatement, guideSample } from "./check-guide.ts";
import type { GuideParts } from "./check-guide.ts";
import { checkScan } from "./check-scan.ts";
import { fault, find, leave, newScope, rootOf, textOf, platesOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { underCondition } from "./check-steps.ts";
import { checkAttributes } from "./check-target.ts";
import { dependencies } from "./check-walk.ts";
import type { Expr, Stmt } from "./model.ts";

type Kind<K extends Ast.Statement["kind"]> = Extract<Ast.Statement, { kind: K }>;

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

/** Names whose definitions are not checked: reads of them are passed over. */
function poison(names: readonly Ast.Name[], env: Env): void {
  for (const name of names) {
    if (find(env.scope, name.text) === null)
      rootOf(env.scope).entries.set(name.text, { name: name.text, symbol: null, span: name.span });
  }
}

const namesIn = (body: Ast.Body): Ast.Name[] => [...targetsOf(body)].map(([text, span]) => ({ text, span }));

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
