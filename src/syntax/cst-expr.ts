// Expressions of the concrete tree → AST. Left-associative chains are folded; every node gets the span of its text.

import type { CstNode, IToken } from "chevrotain";
import type {
  ArgCstNode,
  ArgsCstNode,
  ArrayCstNode,
  BinderCstNode,
  ComparisonCstNode,
  ConjunctionCstNode,
  AdditiveCstNode,
  ExprCstNode,
  IfExprCstNode,
  DisjunctionCstNode,
  NameOrCallCstNode,
  PostfixCstNode,
  PowerCstNode,
  PrimaryCstNode,
  ProductCstNode,
  RecordCstNode,
  SizeCstNode,
  SubCstNode,
  SubsCstNode,
  SuffixCstNode,
  UnaryCstNode,
} from "../../grammar/cst.d.ts";
import { ice } from "../base/ice.ts";
import { join, type Source, type Span } from "../base/span.ts";
import type { Arg, BinaryOperator, Binder, Expr, Name, SizeNode, Sub } from "./ast.ts";

/** The text of a tree; of nothing, the first character of the source. */
export function spanOf(source: Source, node: CstNode): Span {
  const { startOffset = NaN, endOffset = NaN } = node.location ?? {};
  return Number.isNaN(startOffset) ? { source, start: 0, end: 0 } : { source, start: startOffset, end: endOffset + 1 };
}

export const tokenSpan = (source: Source, token: IToken): Span => ({
  source,
  start: token.startOffset,
  end: token.startOffset + token.image.length,
});

export const toName = (source: Source, token: IToken): Name => ({ text: token.image, span: tokenSpan(source, token) });

/** The value of a string token: JSON escapes are replaced, an unknown escape was reported by the lexer. */
export function stringValue(token: IToken): string {
  const inner = token.image.slice(1, -1);
  return inner.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code: string | undefined, letter: string) =>
    code === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(parseInt(code, 16)),
  );
}

const escapes: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

// ----------------------------------------------------------------------------------------------- by precedence

export function toExpr(source: Source, node: ExprCstNode): Expr {
  const { ifExpr, disjunction } = node.children;
  return ifExpr === undefined ? toDisjunction(source, disjunction![0]) : toIf(source, ifExpr[0]);
}

function toIf(source: Source, node: IfExprCstNode): Expr {
  const { condition, then, otherwise } = node.children;
  return {
    kind: "if",
    span: spanOf(source, node),
    condition: toExpr(source, condition[0]),
    then: toExpr(source, then[0]),
    otherwise: toExpr(source, otherwise[0]),
  };
}

type Chain<T> = { readonly children: { readonly operand: readonly T[]; readonly operator?: readonly IToken[] } };

/** a ∘ b ∘ c = (a ∘ b) ∘ c */
function chain<T>(source: Source, node: Chain<T>, operand: (source: Source, node: T) => Expr): Expr {
  const [first, ...rest] = node.children.operand;
  return rest.reduce<Expr>(
    (left, next, i) => binary(source, left, node.children.operator![i], operand(source, next)),
    operand(source, first!),
  );
}

const binary = (source: Source, left: Expr, operator: IToken, right: Expr): Expr => ({
  kind: "binary",
  op: operator.image as BinaryOperator,
  opSpan: tokenSpan(source, operator),
  left,
  right,
  span: join(left.span, right.span),
});

const toDisjunction = (source: Source, node: DisjunctionCstNode): Expr => chain(source, node, toConjunction);
const toConjunction = (source: Source, node: ConjunctionCstNode): Expr => chain(source, node, toComparison);
const toComparison = (source: Source, node: ComparisonCstNode): Expr => chain(source, node, toAdditive);
export const toAdditive = (source: Source, node: AdditiveCstNode): Expr => chain(source, node, toProduct);
const toProduct = (source: Source, node: ProductCstNode): Expr => chain(source, node, toUnary);

function toUnary(source: Source, node: UnaryCstNode): Expr {
  const { operator, unary, power } = node.children;
  if (operator === undefined) return toPower(source, power![0]);
  return {
    kind: "unary",
    op: operator[0].image as "-" | "!",
    operand: toUnary(source, unary![0]),
    span: spanOf(source, node),
  };
}

function toPower(source: Source, node: PowerCstNode): Expr {
  const { postfix, Caret, unary } = node.children;
  const base = toPostfix(source, postfix[0]);
  return Caret === undefined ? base : binary(source, base, Caret[0], toUnary(source, unary![0]));
}

function toPostfix(source: Source, node: PostfixCstNode): Expr {
  const { primary, suffix = [] } = node.children;
  return suffix.reduce<Expr>((base, next) => withSuffix(source, base, next), toPrimary(source, primary[0]));
}

function withSuffix(source: Source, base: Expr, node: SuffixCstNode): Expr {
  const span = join(base.span, spanOf(source, node));
  const { subs, Name } = node.children;
  return subs === undefined
    ? { kind: "field", base, field: toName(source, Name![0]), span }
    : { kind: "subscript", base, subs: toSubs(source, subs[0]), span };
}

function toPrimary(source: Source, node: PrimaryCstNode): Expr {
  const { nameOrCall, Int, Real, String: text, True, False, parens, array, record } = node.children;
  const span = spanOf(source, node);
  if (nameOrCall) return toNameOrCall(source, nameOrCall[0]);
  if (Int) return { kind: "int", value: Number(Int[0].image), text: Int[0].image, span };
  if (Real) return { kind: "real", value: Number(Real[0].image), text: Real[0].image, span };
  if (text) return { kind: "string", value: stringValue(text[0]), span };
  if (True ?? False) return { kind: "bool", value: True !== undefined, span };
  if (parens) return { kind: "parens", inner: toExpr(source, parens[0].children.expr[0]), span };
  if (array) return toArray(source, array[0]);
  if (record) return toRecord(source, record[0]);
  return { kind: "missing", span };
}

// ----------------------------------------------------------------------------------------------- parts

function toNameOrCall(source: Source, node: NameOrCallCstNode): Expr {
  const name = toName(source, node.children.Name[0]);
  const { args } = node.children;
  const span = spanOf(source, node);
  return args === undefined
    ? { kind: "name", name, span }
    : { kind: "call", name, args: toArgs(source, args[0]), span };
}

export const toArgs = (source: Source, node: ArgsCstNode): readonly Arg[] =>
  (node.children.arg ?? []).map((arg) => toArg(source, arg));

function toArg(source: Source, node: ArgCstNode): Arg {
  const { Name, expr } = node.children;
  const name = Name === undefined ? null : toName(source, Name[0]);
  return { name, value: toExpr(source, expr[0]), span: spanOf(source, node) };
}

export const toSubs = (source: Source, node: SubsCstNode): readonly Sub[] =>
  node.children.sub.map((sub) => toSub(source, sub));

function toSub(source: Source, node: SubCstNode): Sub {
  const { lower, DotDot, upper } = node.children;
  const span = spanOf(source, node);
  if (DotDot === undefined) return { kind: "index", value: toExpr(source, lower![0]), span };
  const end = (side: readonly ExprCstNode[] | undefined): Expr | null => (side ? toExpr(source, side[0]!) : null);
  return { kind: "slice", from: end(lower), to: end(upper), span };
}

function toArray(source: Source, node: ArrayCstNode): Expr {
  const { comprehension, expr } = node.children;
  const span = spanOf(source, node);
  if (expr) return { kind: "array", items: expr.map((item) => toExpr(source, item)), span };
  const { binder, expr: body } = comprehension?.[0].children ?? ice("an array without items");
  return {
    kind: "comprehension",
    binders: binder.map((one) => toBinder(source, one)),
    body: toExpr(source, body[0]),
    span,
  };
}

function toRecord(source: Source, node: RecordCstNode): Expr {
  const fields = node.children.field.map(({ children }) => ({
    name: toName(source, children.Name[0]),
    value: toExpr(source, children.expr[0]),
  }));
  return { kind: "record", fields, span: spanOf(source, node) };
}

export function toBinder(source: Source, node: BinderCstNode): Binder {
  const { Name, size } = node.children;
  return { name: toName(source, Name[0]), size: toSize(source, size[0]), span: spanOf(source, node) };
}

export function toSize(source: Source, node: SizeCstNode): SizeNode {
  const { Name, Int } = node.children;
  const span = spanOf(source, node);
  return Name === undefined
    ? { kind: "number", value: Number(Int![0].image), span }
    : { kind: "name", name: toName(source, Name[0]), span };
}
