// `ode(f, y0, t0, ts, args…, steps = 10)`: f is inlined once, at a time and a state that the solver steps through.

import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { toNumber, stageOf } from "./check-apply.ts";
import type { ArrayExpr } from "./check-apply.ts";
import type { CallNode } from "./check-call.ts";
import { asArray, checkAll, checkExpr, needData } from "./check-expr.ts";
import { applied, ensureChecked, signatureOf } from "./check-fun.ts";
import { fault, noFacts, textOf } from "./check-scope.ts";
import type { Env, Fun } from "./check-scope.ts";
import { unwrap, wholeOf } from "./check-subscript.ts";
import { fitType } from "./check-value.ts";
import { dependencies } from "./check-walk.ts";
import type { Expr, Symbol } from "./model.ts";
import { array, real } from "./types.ts";
import type { Type } from "./types.ts";

/** Runge-Kutta steps per interval, unless the call says otherwise (language.md section 6). */
const STEPS = 10;

export function checkOde(node: CallNode, signature: string, env: Env): Expr | null {
  if (env.scan !== null)
    return fault(
      env,
      "PPL409",
      node.span,
      { what: "`ode`" },
      { hint: "solve it before the scan, and read its times there" },
    );
  const given = node.args.filter((arg) => arg.name === null).map((arg) => arg.value);
  const named = node.args.filter((arg) => arg.name !== null);
  const stray = named.find((arg) => arg.name!.text !== "steps");
  if (given.length < 4 || stray !== undefined || named.length > 1) {
    const problem =
      given.length < 4
        ? "needs a function, a start value, its time, and the times of the solution"
        : "takes only steps = … by name";
    return fault(env, "PPL308", stray?.span ?? node.span, { of: `\`${signature}\``, problem });
  }
  const [first, ...rest] = given as [Ast.Expr, ...Ast.Expr[]];
  const fun = calledFun(first, env);
  const values = checkAll(rest, env);
  const steps = named[0] === undefined ? STEPS : checkSteps(named[0].value, env);
  return fun === null || values === null || steps === null ? null : solution(fun, values, steps, node.span, env);
}

/** The `fun` that a name means. */
function calledFun(node: Ast.Expr, env: Env): Fun | null {
  const inner = unwrap(node);
  const found = inner.kind === "name" ? env.checker.funs.get(inner.name.text) : undefined;
  return (
    found ??
    fault(
      env,
      "PPL306",
      node.span,
      { value: textOf(node.span), found: "no `fun`", op: "`ode`", wants: "the name of a `fun`" },
      {
        hint: "fun rate(t: real, y: real[2], k: real) -> real[2] = …",
      },
    )
  );
}

function checkSteps(node: Ast.Expr, env: Env): number | null {
  const value = checkExpr(node, env);
  if (value === null) return null;
  if (value.kind === "number" && value.type.kind === "array" && value.type.elem.kind === "int" && value.value >= 1)
    return value.value;
  return fault(env, "PPL306", node.span, {
    value: textOf(node.span),
    found: "no count",
    op: "`steps` of `ode`",
    wants: "a whole number from 1 up",
  });
}

function solution(
  fun: Fun,
  [start, begin, times, ...args]: readonly Expr[],
  steps: number,
  span: Span,
  env: Env,
): Expr | null {
  const y0 = asReal(start!, [0, 1], "the start value of `ode`", env);
  const t0 = asReal(begin!, [0], "the start time of `ode`", env);
  const ts = asReal(times!, [1], "the times of `ode`", env);
  if (y0 === null || t0 === null || ts === null || !needData(env, ts, "a list of times of `ode`")) return null;
  const inputs = [y0, t0, ...args];
  const local = (name: string, type: Type, reads: readonly Expr[], at: Span): Symbol => {
    const symbol: Symbol = { name, kind: "local", type, axes: [], stage: stageOf(reads), span: at };
    env.checker.facts.set(symbol, { ...noFacts, ...dependencies(env, reads) });
    return symbol;
  };
  const time = local("t", array(real, []), [t0], t0.span);
  const state = local("y", array(real, y0.type.shape), inputs, y0.span);
  const bindings = args.map((value, i) => ({ symbol: local(`a${i + 1}`, value.type, [value], value.span), value }));
  const rate = rateOf(
    fun,
    [
      wholeOf(time, t0.span),
      wholeOf(state, y0.span),
      ...bindings.map(({ symbol, value }) => wholeOf(symbol, value.span)),
    ],
    state.type,
    span,
    env,
  );
  return (
    rate && {
      kind: "ode",
      rate,
      time,
      state,
      args: bindings,
      y0,
      t0,
      ts,
      steps,
      type: array(real, [ts.type.shape[0] ?? null, ...y0.type.shape]),
      stage: stageOf([ts, ...inputs]),
      span,
    }
  );
}

/** f(t, y, args…) as a value of the state's type. */
function rateOf(fun: Fun, args: readonly Expr[], state: Type, span: Span, env: Env): Expr | null {
  const { params } = fun.decl;
  if (params.length !== args.length) {
    const problem = `has ${params.length} parameters, and \`ode\` gives it a time, a state and ${args.length - 2} more`;
    return fault(env, "PPL308", span, { of: signatureOf(fun), problem });
  }
  const value = ensureChecked(fun, env) ? applied(fun, args, span, env) : null;
  return value && fitType(value, state, "the state of `ode`", env);
}

/** A number or an array of numbers, of one of these ranks. */
function asReal(value: Expr, ranks: readonly number[], what: string, env: Env): ArrayExpr | null {
  const numbers = asArray(value, env, "`ode`");
  if (numbers === null) return null;
  const { type, span } = numbers;
  if (ranks.includes(type.shape.length)) return toNumber(numbers, env);
  const needs = ranks.includes(0)
    ? ranks.includes(1)
      ? "a number or a list of numbers"
      : "a number"
    : "a list of numbers";
  return fault(env, "PPL301", span, { op: what, needs, value: textOf(span), shape: type.shape });
}
