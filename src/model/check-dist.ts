// `Name(args)`: the row of the table, the form that the arguments choose, the type of a draw.

import { categoryCount } from "../dist/bounds.ts";
import { combinatorOf, distOf } from "../dist/index.ts";
import type { Dist, Form, Param } from "../dist/dist.ts";
import { findFunction } from "../function/index.ts";
import { didYouMean } from "../base/suggest.ts";
import type * as Ast from "../syntax/ast.ts";
import { checkSize, sizeMeant, toNumber } from "./check-apply.ts";
import type { ArrayExpr } from "./check-apply.ts";
import type { CallNode } from "./check-call.ts";
import { checkCombination } from "./check-combinator.ts";
import { checkArrayExpr, checkExpr, COMPREHENSION } from "./check-expr.ts";
import { disjoint, rangeOfParam, showRange } from "./check-interval.ts";
import { rangeOf } from "./check-range.ts";
import { fault, textOf } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { unwrap } from "./check-subscript.ts";
import { distributionHint } from "./foreign-names.ts";
import type { DistExpr, Expr } from "./model.ts";
import { align, array, elemFits, index, int, joinSizes, real, showElem, showType, sizesAgree } from "./types.ts";
import type { Elem, Shape, Size } from "./types.ts";

/** The distribution that `node` writes; null after an error. `of`: the combinator around it. */
export function checkDist(node: Ast.Expr, env: Env, of?: string): DistExpr | null {
  const inner = unwrap(node);
  if (inner.kind === "missing") return null;
  if (inner.kind !== "call") return notADist(inner, env, of);
  const { text, span } = inner.name;
  const row = distOf(text);
  if (row !== undefined) return withArguments(row, inner, env);
  const combinator = combinatorOf(text);
  if (combinator !== undefined) return checkCombination(combinator, inner, env);
  if (env.checker.nets.has(text)) return null;
  if (findFunction(text) !== null || env.checker.funs.has(text)) return notADist(inner, env, of);
  for (const arg of inner.args) checkExpr(arg.value, env);
  return fault(
    env,
    "PPL202",
    span,
    { what: "distribution", name: text },
    {
      hint: distributionHint(text),
    },
  );
}

function notADist(node: Ast.Expr, env: Env, of?: string): null {
  const row = node.kind === "name" ? (distOf(node.name.text) ?? combinatorOf(node.name.text)) : undefined;
  const hint =
    row !== undefined
      ? `its arguments are missing: ${signatures(row)}`
      : node.kind === "if"
        ? "put the `if` into the arguments: Normal(if c then a else b, s)"
        : undefined;
  return fault(env, "PPL402", node.span, { found: textOf(node.span), ...(of === undefined ? {} : { of }) }, { hint });
}

// ---------------------------------------------------------------------------------------- forms

/** What can be written: a row, or a combinator. */
type Written = Pick<Dist, "name" | "forms">;

/** `Normal(mean, sd)`, `Normal(mean, variance = …)`. */
export function signatures({ name, forms }: Written): string {
  const byPosition = forms[0].named === true ? [] : forms[0].params.filter((param) => param.named !== true);
  const plain = new Set(byPosition.map((param) => param.name));
  const texts = forms.map(
    ({ params }) =>
      `${name}(${params.map((param) => (plain.has(param.name) ? param.name : `${param.name} = …`)).join(", ")})`,
  );
  return texts.length === 1 ? texts[0]! : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}

/** Arguments by parameter, as far as they fit a form. `left`: parameters without one; `extra`: arguments without a
 *  parameter. */
export type Match = {
  readonly args: ReadonlyMap<string, Ast.Expr>;
  readonly left: readonly Param[];
  readonly extra: readonly Ast.Arg[];
};

/** Positions fill the parameters in order; another form than the first must be told by a name, or by its length. */
function matchForm(form: Form, args: readonly Ast.Arg[]): Match {
  const given = new Map<string, Ast.Expr>();
  const extra: Ast.Arg[] = [];
  args.forEach((arg, i) => {
    const param = arg.name === null ? form.params[i] : form.params.find(({ name }) => name === arg.name!.text);
    const needsName = form.named === true || param?.named === true;
    const fits = param !== undefined && !given.has(param.name) && !(arg.name === null && needsName);
    if (fits) given.set(param.name, arg.value);
    else extra.push(arg);
  });
  return { args: given, left: form.params.filter(({ name }) => !given.has(name)), extra };
}

export function chooseForm(
  row: Written,
  args: readonly Ast.Arg[],
): { readonly form: number; readonly match: Match } | null {
  const named = args.some((arg) => arg.name !== null);
  const first = row.forms[0];
  const form = row.forms.findIndex((f) => {
    const match = matchForm(f, args);
    return (
      match.left.length === 0 &&
      match.extra.length === 0 &&
      (f === first || named || f.params.length !== first.params.length)
    );
  });
  return form < 0 ? null : { form, match: matchForm(row.forms[form]!, args) };
}

/** PPL308 for arguments that fit no form. */
export function misfit(row: Written, node: CallNode, env: Env): null {
  const names = [...new Set(row.forms.flatMap(({ params }) => params.map((param) => param.name)))];
  const unknown = node.args.find((arg) => arg.name !== null && !names.includes(arg.name.text));
  const of = `\`${row.name}\``;
  if (unknown !== undefined) {
    const { text, span } = unknown.name!;
    const meant = didYouMean(text, names) ?? argumentHint(text, node);
    return fault(
      env,
      "PPL308",
      span,
      { of, problem: `has no parameter \`${text}\`` },
      { hint: meant ?? `it is ${signatures(row)}` },
    );
  }
  const best = row.forms.map((form) => matchForm(form, node.args)).sort((a, b) => a.extra.length - b.extra.length)[0]!;
  const problem =
    best.extra.length > 0
      ? `takes no further argument \`${textOf(best.extra[0]!.span)}\``
      : `lacks ${best.left.map(({ name }) => `\`${name}\``).join(" and ")}`;
  return fault(env, "PPL308", best.extra[0]?.span ?? node.span, { of, problem }, { hint: `it is ${signatures(row)}` });
}

/** Arguments that distributions of other languages have and these have not: bounds and shapes. */
function argumentHint(name: string, node: CallNode): string | undefined {
  if (["lower", "upper", "low", "high", "min", "max"].includes(name))
    return `a distribution is cut off by Truncated(${node.name.text}(…), lower = …, upper = …)`;
  return ["shape", "size", "dims", "dim", "n", "sample_shape", "plate"].includes(name)
    ? "independent draws over a dim stand in a plate: plate i in N { sample x[i] ~ … }; or a parameter has the shape: zeros(N)"
    : undefined;
}

// ---------------------------------------------------------------------------------------- arguments

export type Argument = { readonly param: Param; readonly value: ArrayExpr };

function withArguments(row: Dist, node: CallNode, env: Env): DistExpr | null {
  const chosen = chooseForm(row, node.args);
  if (chosen === null) {
    for (const arg of node.args) checkExpr(arg.value, env);
    return misfit(row, node, env);
  }
  const found = row.forms[chosen.form]!.params.map((param) => {
    const value = checkArgument(chosen.match.args.get(param.name)!, param, row, env);
    return value === null ? null : { param, value };
  });
  if (!found.every((arg) => arg !== null)) return null;
  const type = drawType(row, found, node, env);
  if (type === null) return null;
  return {
    name: row.name,
    form: chosen.form,
    args: Object.fromEntries(found.map(({ param, value }) => [param.name, value])),
    parts: [],
    each: null,
    type,
    span: node.span,
  };
}

export function checkArgument(node: Ast.Expr, param: Param, row: Written, env: Env): ArrayExpr | null {
  const op = `\`${param.name}\` of ${row.name}`;
  const checked = checkArrayExpr(node, env, op);
  if (checked === null) return null;
  const value = toNumber(checked, env);
  const wanted = param.support === "count" || param.support === "int" ? int : real;
  const text = textOf(node.span);
  if (!elemFits(value.type.elem, wanted)) {
    return fault(env, "PPL306", node.span, { value: text, found: showType(value.type), op, wants: showElem(wanted) });
  }
  if (value.type.shape.length < param.rank) {
    return fault(
      env,
      "PPL301",
      node.span,
      {
        op,
        needs: param.rank === 1 ? "a vector" : "a matrix",
        value: text,
        shape: value.type.shape,
      },
      { hint: wholeVectorHint(value, param, row) },
    );
  }
  if (param.size === true) return checkSize(value, env) ? value : null;
  return inRange(value, param, row, env) ? value : null;
}

/** A number where a vector is wanted: one entry for each member of some dim. */
function wholeVectorHint(value: ArrayExpr, param: Param, row: Written): string | undefined {
  if (param.rank !== 1 || value.type.shape.length > 0) return undefined;
  const text = textOf(value.span);
  const sized = row.forms.find(({ params }) => params[0]?.name === param.name && params[1]?.size === true);
  if (sized !== undefined) return `with the size of the vector: ${row.name}(${text}, K)`;
  return value.kind === "number" && value.value === 0
    ? "a vector of zeros over a dim K: zeros(K)"
    : `the same number for each member of a dim K: ${text} * ones(K)`;
}

/** Refuses what lies outside for certain; entries of an array literal are looked at one by one. */
function inRange(value: Expr, param: Param, row: Written, env: Env): boolean {
  if (value.kind === "array") return value.items.every((item) => inRange(item, param, row, env));
  const range = rangeOf(value, env);
  const allowed = rangeOfParam(param.support);
  if (!disjoint(range, allowed)) return true;
  fault(env, "PPL310", value.span, {
    kind: "argument",
    dist: row.name,
    param: param.name,
    wants: showRange(allowed),
    value: textOf(value.span),
    range: showRange(range),
  });
  return false;
}

// ---------------------------------------------------------------------------------------- the type of a draw

/** Leading sizes of the arguments, aligned, then the sizes of one draw. */
function drawType(row: Dist, args: readonly Argument[], node: CallNode, env: Env): DistExpr["type"] | null {
  const leads = args.map(({ param, value }) => value.type.shape.slice(0, value.type.shape.length - param.rank));
  const aligned = align(leads);
  const op = `\`${row.name}\``;
  const labels = args.map(({ value }) => ({ span: value.span, text: showType(value.type) }));
  const apart = sizesApart(args);
  if (apart !== null) return fault(env, "PPL301", node.span, { op, ...apart }, { labels });
  if ("problem" in aligned) {
    const shapes = { op, left: aligned.left, right: aligned.right };
    return aligned.problem === "ambiguous"
      ? fault(env, "PPL304", node.span, shapes, { labels, hint: COMPREHENSION })
      : fault(env, "PPL301", node.span, shapes, { labels });
  }
  return array(elemOf(row, args), [...aligned.shape, ...eventOf(row, args)]);
}

/** The sizes that vector and matrix arguments have as such: of one distribution they are all the same. */
const ownSizes = (args: readonly Argument[]): readonly Size[] =>
  args.flatMap(({ param, value }) => (param.rank === 0 ? [] : value.type.shape.slice(-param.rank)));

function sizesApart(args: readonly Argument[]): { readonly left: Shape; readonly right: Shape } | null {
  const sizes = ownSizes(args);
  const joined = sizes.reduce(joinSizes, null);
  const other = sizes.find((size) => !sizesAgree(joined, size));
  return other === undefined ? null : { left: [joined], right: [other] };
}

/** The sizes of one draw: the arguments' own, or the one that is written as a size. */
function eventOf(row: Dist, args: readonly Argument[]): Shape {
  const written = args.find(({ param }) => param.size === true);
  const size = written === undefined ? ownSizes(args).reduce(joinSizes, null) : sizeMeant(written.value);
  return Array<Size>(row.rank).fill(size);
}

/** An index runs over the last dim of the vector of probabilities, or over one category more than there are cuts. */
function elemOf(row: Dist, args: readonly Argument[]): Elem {
  if (row.value !== "index") return { kind: row.value };
  const size = args.find(({ param }) => param.rank === 1)?.value.type.shape.at(-1) ?? null;
  const more = categoryCount(row, 1) - 1;
  return index(more === 0 ? size : typeof size === "number" ? size + more : null);
}
