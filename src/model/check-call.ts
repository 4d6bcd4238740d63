// Calls: a built-in row, a user's `fun`, `select`, or a function of a distribution. Called names are a name space of
// their own.

import { isDistName } from "../dist/index.ts";
import { hasTails } from "../dist/instance.ts";
import { findFunction, functionNames, layers } from "../function/index.ts";
import type { BuiltRow, SpecialRow } from "../function/index.ts";
import type * as Ast from "../syntax/ast.ts";
import { callRow } from "./check-apply.ts";
import { checkDist } from "./check-dist.ts";
import { checkAll, checkArrayExpr, checkChoice, checkExpr } from "./check-expr.ts";
import { checkFunCall } from "./check-fun.ts";
import { checkIsMissing } from "./check-missing.ts";
import { checkOde } from "./check-ode.ts";
import { find, fault, textOf, unbuilt } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { functionHint } from "./foreign-names.ts";
import { unwrap } from "./check-subscript.ts";
import { fitValue } from "./check-value.ts";
import { readBy, rowOf } from "./dist-row.ts";
import type { Expr } from "./model.ts";
import { array, real } from "./types.ts";
import type { ArrayType, Size } from "./types.ts";

export type CallNode = Extract<Ast.Expr, { kind: "call" }>;

export function checkCall(node: CallNode, env: Env): Expr | null {
  const { text } = node.name;
  const fun = env.checker.funs.get(text);
  if (fun !== undefined) return checkFunCall(fun, node, env);
  const row = findFunction(text);
  if (row === null) return unknownCall(node, env);
  switch (row.kind) {
    case "ode":
      return checkOde(node, row.signature, env);
    case "density":
      return checkDensity(row, node, env);
    case "missing": {
      const args = positional(node, `\`${row.signature}\``, 1, 1, env);
      return args === null ? null : checkIsMissing(args, node, env);
    }
    case "choice": {
      const args = positional(node, `\`${row.signature}\``, 3, 3, env);
      return args === null ? null : checkChoice(args, node.span, env);
    }
    default:
      return checkRowCall(row, node, env);
  }
}

/** A capital letter begins a distribution; a net, a layer, or a slip is anything else. */
function unknownCall(node: CallNode, env: Env): null {
  const { text, span } = node.name;
  if (isDistName(text)) {
    return fault(
      env,
      "PPL306",
      node.span,
      { value: textOf(node.span), found: "a distribution", op: "an expression", wants: "a value" },
      {
        hint: `a random value is a statement: sample x ~ ${textOf(node.span)}; a density is log_prob(${text}(…), x)`,
      },
    );
  }
  if (env.checker.nets.has(text)) return null;
  if (layers.includes(text)) return unbuilt(env, span, `the layer \`${text}\``);
  for (const arg of node.args) checkExpr(arg.value, env);
  const value = find(env.scope, text) !== null || env.sizes.has(text);
  return fault(
    env,
    "PPL202",
    span,
    { what: "function", name: text },
    {
      hint: value
        ? `\`${text}\` is a value: its members are read with brackets`
        : functionHint(text, [...functionNames, ...env.checker.funs.keys()]),
    },
  );
}

/** The arguments in order; PPL308 for a wrong number or for names. */
export function positional(
  node: CallNode,
  signature: string,
  min: number,
  max: number,
  env: Env,
): readonly Ast.Expr[] | null {
  const named = node.args.find((arg) => arg.name !== null);
  if (named !== undefined) {
    return fault(env, "PPL308", named.span, {
      of: signature,
      problem: `takes no argument by name, and \`${named.name!.text}\` is one`,
    });
  }
  const count = node.args.length;
  if (count >= min && count <= max) return node.args.map((arg) => arg.value);
  const wanted = min === max ? `${min}` : max === Infinity ? `at least ${min}` : `${min} to ${max}`;
  return fault(env, "PPL308", node.span, {
    of: signature,
    problem: `needs ${wanted} argument${wanted === "1" ? "" : "s"}, and ${count} ${count === 1 ? "is" : "are"} given`,
  });
}

// ---------------------------------------------------------------------------------------- rows

function checkRowCall(row: BuiltRow, node: CallNode, env: Env): Expr | null {
  const signature = `\`${row.signature}\``;
  const most = row.namesDim ? Math.max(row.arity.max, row.arity.min + 1) : row.arity.max;
  const values = positional(node, signature, row.arity.min, most, env);
  const first = values?.[0];
  if (values === null || first === undefined) return null;
  if (!row.namesDim || values.length === row.arity.min) {
    const args = checkAll(values, env);
    return args === null ? null : callRow(row, args, null, node.span, env);
  }
  const x = checkArrayExpr(first, env, `\`${row.name}\``);
  if (x === null) return null;
  const over = dimPosition(values.at(-1)!, x.type, row, values.length, env);
  if (over === "refused") return null;
  const rest = checkAll(over === null ? values.slice(1) : values.slice(1, -1), env);
  return rest === null ? null : callRow(row, [x, ...rest], over, node.span, env);
}

/** The position of the dim that the last argument names; null where it is a value instead, as in `max(a, b)`. */
function dimPosition(node: Ast.Expr, x: ArrayType, row: BuiltRow, count: number, env: Env): number | null | "refused" {
  const inner = unwrap(node);
  const size =
    inner.kind === "name" && find(env.scope, inner.name.text) === null
      ? env.sizes.get(inner.name.text)?.size
      : undefined;
  const positions = x.shape.flatMap((s: Size, i) => (typeof s === "string" && s === size ? [i] : []));
  if (positions.length === 1 && typeof size === "string") {
    env.checker.dimReads.add(size);
    return positions[0]!;
  }
  if (positions.length > 1) {
    fault(
      env,
      "PPL304",
      node.span,
      { op: `\`${row.name}\``, left: x.shape, right: [size ?? null] },
      {
        hint: `a comprehension says which is meant: [i in ${size}: ${row.name}(x[i])]`,
      },
    );
    return "refused";
  }
  if (count <= row.arity.max) return null;
  const problem =
    size === undefined
      ? `takes the name of a dim after its argument, and \`${textOf(node.span)}\` is none`
      : `cannot go along ${size}: its argument has shape [${x.shape.map((s) => s ?? "?").join(", ")}]`;
  fault(env, "PPL308", node.span, { of: `\`${row.name}\``, problem });
  return "refused";
}

// ---------------------------------------------------------------------------------------- functions of a distribution

/** `log_prob(D, x)`: a scalar, summed over the event. */
function checkDensity(row: SpecialRow, node: CallNode, env: Env): Expr | null {
  const args = positional(node, `\`${row.signature}\``, 2, 2, env);
  if (args === null) return null;
  const dist = checkDist(args[0]!, env);
  const value = checkArrayExpr(args[1]!, env, `\`${row.name}\``);
  const at = dist === null || value === null ? null : fitValue(value, dist, args[1]!.span, env);
  if (dist === null || at === null) return null;
  const fn = row.name as "log_prob" | "log_cdf" | "log_ccdf" | "cdf";
  if (fn !== "log_prob" && !hasTails(rowOf(dist).dist)) {
    return fault(env, "PPL308", args[0]!.span, {
      of: `\`${fn}\``,
      problem: `needs tail probabilities, and ${dist.name} states none`,
    });
  }
  const stage = at.stage === "latent" || readBy(dist).some((arg) => arg.stage === "latent") ? "latent" : "data";
  return { kind: "density", fn, dist, at, type: array(real, []), stage, span: node.span };
}
