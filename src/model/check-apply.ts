// A row of the table of functions applied to checked arguments: indices become numbers, the row's type rule speaks, its
// refusals are worded.

import { builtRow, isSize } from "../function/index.ts";
import type { BuiltRow, Problem } from "../function/index.ts";
import type { Span } from "../base/span.ts";
import { asArray, COMPREHENSION, dimOf, needData } from "./check-expr.ts";
import { rangeOf } from "./check-range.ts";
import { fault, textOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { dependencies } from "./check-walk.ts";
import { gatherHint } from "./member-hints.ts";
import type { Expr } from "./model.ts";
import { joinElems, sizesAgree, showSize, showType } from "./types.ts";
import type { ArrayType, Size } from "./types.ts";

export type ArrayExpr = Expr & { readonly type: ArrayType };

export const stageOf = (parts: readonly Expr[]): "data" | "latent" =>
  parts.some((part) => part.stage === "latent") ? "latent" : "data";

/** `fn(args)`, typed by its row; null after an error. */
export function callRow(row: BuiltRow, args: readonly Expr[], over: number | null, span: Span, env: Env): Expr | null {
  const arrays = args.map((arg) => asArray(arg, env, nameOf(row)));
  if (!arrays.every((arg) => arg !== null)) return null;
  if (!arrays.every((arg, i) => !isSize(row, i, args.length) || checkSize(arg, env))) return null;
  const operands = convertIndices(row, arrays, span, env);
  if (operands === null) return null;
  const sizes = operands.map(sizeMeant);
  const type = row.type(
    operands.map((arg) => arg.type),
    { over, sizes, agree: sizesAgree },
  );
  if ("problem" in type) return refuse(type, row, operands, span, env);
  return { kind: "call", fn: row.name, args: operands, over, type, stage: stageOf(operands), span };
}

/** A message's name for a function or operator. */
export const nameOf = (row: BuiltRow): string => `\`${row.operator ?? row.name}\``;

/** An index as a number in the file's base; anything else as it is. */
export const toNumber = (value: ArrayExpr, env: Env): ArrayExpr =>
  isIndex(value) ? insert("index_number", value, env) : value;

/** An int as the index that it counts in the file's base; an index as it is. */
export const toIndex = (value: ArrayExpr, env: Env): ArrayExpr =>
  isIndex(value) ? value : insert("index_of", value, env);

const insert = (fn: string, value: ArrayExpr, env: Env): ArrayExpr =>
  (callRow(builtRow(fn), [value], null, value.span, env) as ArrayExpr | null) ?? value;

/** What the row wants of indices. A comparison is one of members: an int beside an index counts as one. Two indices
 *  of different dims are never the same member (PPL302), but their numbers have an order. */
function convertIndices(row: BuiltRow, args: readonly ArrayExpr[], span: Span, env: Env): readonly ArrayExpr[] | null {
  if (row.indices === "keep") return args;
  const isMember = (arg: ArrayExpr): boolean => isIndex(arg) || arg.type.elem.kind === "int";
  if (row.indices === "number" || !args.some(isIndex) || !args.every(isMember))
    return args.map((arg) => toNumber(arg, env));
  const members = args.map((arg) => toIndex(arg, env));
  const [a, b] = [members[0]!, members[1]!];
  if (joinElems(a.type.elem, b.type.elem) !== null) return members;
  if (row.indices === "order") return args.map((arg) => toNumber(arg, env));
  return fault(
    env,
    "PPL302",
    span,
    { left: textOf(a.span), leftDim: dimOf(a), right: textOf(b.span), rightDim: dimOf(b) },
    {
      hint: "int(…) makes a number of an index",
    },
  );
}

const isIndex = (arg: ArrayExpr): boolean => arg.type.elem.kind === "index";

/** The size that an expression stands for: a dim, a literal, else null. */
export function sizeMeant(value: Expr): Size {
  if (value.kind === "number") return value.value;
  return value.kind === "name" && value.symbol.kind === "dim" ? value.symbol.name : null;
}

/** A size argument: an int, known from data, the same for all members. */
export function checkSize(value: ArrayExpr, env: Env): boolean {
  const isNegative = rangeOf(value, env).upper < 0;
  if (value.type.elem.kind !== "int" || value.type.shape.length > 0 || isNegative) {
    fault(env, "PPL306", value.span, {
      value: textOf(value.span),
      found: showType(value.type),
      op: "a size",
      wants: "a dim, or an int that is not negative",
    });
    return false;
  }
  return needData(env, value, "a size") && needUniform(env, value);
}

/** Reports PPL410 where a value differs between the members of a plate. */
export function needUniform(env: Env, value: Expr): boolean {
  const [index] = dependencies(env, [value]).varies;
  if (index === undefined) return true;
  fault(
    env,
    "PPL410",
    value.span,
    { value: textOf(value.span), index: index.name },
    { hint: "a data `if` inside the plate can leave members out" },
  );
  return false;
}

// ---------------------------------------------------------------------------------------- refusals

function refuse(problem: Problem, row: BuiltRow, args: readonly ArrayExpr[], span: Span, env: Env): null {
  const op = nameOf(row);
  switch (problem.problem) {
    case "differ":
      return fault(
        env,
        "PPL301",
        span,
        { op, left: problem.left, right: problem.right },
        {
          labels: shapesAt(args),
          hint: gatherHint(
            env,
            args.map((arg) => ({ shape: arg.type.shape, text: textOf(arg.span) })),
          ),
        },
      );
    case "ambiguous":
      return fault(
        env,
        "PPL304",
        span,
        { op, left: problem.left, right: problem.right },
        { labels: shapesAt(args), hint: COMPREHENSION },
      );
    case "rank": {
      const arg = args[problem.argument]!;
      return fault(env, "PPL301", arg.span, {
        op,
        needs: problem.wants,
        value: textOf(arg.span),
        shape: arg.type.shape,
      });
    }
    case "element": {
      const arg = args[problem.argument]!;
      return fault(
        env,
        "PPL306",
        arg.span,
        { value: textOf(arg.span), found: showType(arg.type), op, wants: problem.wants },
        {
          hint: conversionHint(arg, problem.wants),
        },
      );
    }
    case "dims": {
      const arg = args[problem.argument]!;
      return fault(env, "PPL302", arg.span, {
        left: textOf(arg.span),
        leftDim: showSize(problem.left),
        right: textOf(span),
        rightDim: showSize(problem.right),
      });
    }
  }
}

const shapesAt = (args: readonly ArrayExpr[]): { span: Span; text: string }[] =>
  args.filter((arg) => arg.type.shape.length > 0).map((arg) => ({ span: arg.span, text: showType(arg.type) }));

function conversionHint(arg: ArrayExpr, wants: string): string | undefined {
  const text = textOf(arg.span);
  if (wants === "int" && arg.type.elem.kind === "real") return `int(${text}) or round(${text}) makes an int of it`;
  return wants === "bool" && arg.type.elem.kind === "int" ? `write ${text} != 0` : undefined;
}
