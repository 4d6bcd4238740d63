// Random programs over the whole grammar, as syntax trees with empty spans; and text with disorderly white space and
// comments. What a tree says is nonsense: only its shape matters.

import * as fc from "fast-check";
import { isKeyword, pplLexer } from "../../grammar/tokens.ts";
import type { Span } from "../../src/base/span.ts";
import type {
  Arg,
  Attribute,
  BinaryOperator,
  Binder,
  Body,
  Bound,
  Carried,
  DataItem,
  Expr,
  Family,
  File,
  Item,
  Name,
  SizeNode,
  Statement,
  Sub,
  Target,
  TypeNode,
} from "../../src/syntax/ast.ts";

const span: Span = { source: { path: "random.ppl", text: "" }, start: 0, end: 0 };

const list = <T>(of: fc.Arbitrary<T>, minLength: number, maxLength = 3): fc.Arbitrary<readonly T[]> =>
  fc.array(of, { minLength, maxLength });
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null, freq: 2 });

// ----------------------------------------------------------------------------------------------- words

const name: fc.Arbitrary<Name> = fc
  .oneof(
    fc.constantFrom("x", "theta", "y_rep", "N", "K", "Normal", "enc", "inn", "datax"),
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/),
  )
  .filter((text) => !isKeyword(text))
  .map((text) => ({ text, span }));

const int: fc.Arbitrary<string> = fc.nat(2000).map(String);
const real: fc.Arbitrary<string> = fc.constantFrom("0.5", "3.0", "1e-6", "2.5e10", "12.25", "1E+3");
const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("a key", "// no comment", 'q"uote\\', "tab\t"),
  fc.string({ maxLength: 8 }),
);

const size: fc.Arbitrary<SizeNode> = fc.oneof(
  name.map((one) => ({ kind: "name" as const, name: one, span })),
  fc.nat(50).map((value) => ({ kind: "number" as const, value, span })),
);
const binder: fc.Arbitrary<Binder> = fc.record({ name, size, span: fc.constant(span) });

// ----------------------------------------------------------------------------------------------- expressions

/** Precedence levels, loosest first; at each one the operators join an operand of its own and one of the next. */
const chains: readonly (readonly BinaryOperator[])[] = [
  ["||"],
  ["&&"],
  ["==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/", "%"],
];
const [COMPARISON, ADDITIVE, UNARY, POSTFIX] = [2, 3, 5, 7] as const;

const binary = (op: BinaryOperator, left: Expr, right: Expr): Expr => ({
  kind: "binary",
  op,
  opSpan: span,
  left,
  right,
  span,
});

/** By level: an expression whose outermost operator binds at least as tightly. */
const levels: readonly fc.Memo<Expr>[] = Array.from({ length: POSTFIX + 1 }, (_, level) =>
  fc.memo((depth) => {
    if (depth <= 1) return leaf;
    if (level === POSTFIX) return fc.oneof(primary(depth), postfix(depth));
    const tighter = exprAt(level + 1)(depth);
    if (level === UNARY) return fc.oneof({ weight: 3, arbitrary: tighter }, unary(depth));
    if (level === UNARY + 1) return fc.oneof({ weight: 3, arbitrary: tighter }, power(depth));
    return fc.oneof({ weight: 4, arbitrary: tighter }, chain(level, depth));
  }),
);

const exprAt = (level: number): fc.Memo<Expr> => levels[level]!;

function chain(level: number, depth: number): fc.Arbitrary<Expr> {
  const left = exprAt(level === COMPARISON ? level + 1 : level)(depth - 1); // comparisons do not chain
  return fc
    .tuple(fc.constantFrom(...chains[level]!), left, exprAt(level + 1)(depth - 1))
    .map(([op, a, b]) => binary(op, a, b));
}

const unary = (depth: number): fc.Arbitrary<Expr> =>
  fc
    .tuple(fc.constantFrom("-" as const, "!" as const), exprAt(UNARY)(depth - 1))
    .map(([op, operand]) => ({ kind: "unary", op, operand, span }));

const power = (depth: number): fc.Arbitrary<Expr> =>
  fc.tuple(exprAt(POSTFIX)(depth - 1), exprAt(UNARY)(depth - 1)).map(([a, b]) => binary("^", a, b));

const leaf: fc.Arbitrary<Expr> = fc.oneof(
  name.map((one) => ({ kind: "name" as const, name: one, span })),
  int.map((digits) => ({ kind: "int" as const, value: Number(digits), text: digits, span })),
  real.map((digits) => ({ kind: "real" as const, value: Number(digits), text: digits, span })),
  text.map((value) => ({ kind: "string" as const, value, span })),
  fc.boolean().map((value) => ({ kind: "bool" as const, value, span })),
);

/** Any expression, `if` included. */
const expr: fc.Memo<Expr> = fc.memo((depth) => {
  const operators = exprAt(0)(depth);
  if (depth <= 1) return operators;
  const choice = fc.tuple(expr(depth - 1), expr(depth - 1), expr(depth - 1));
  return fc.oneof(
    { weight: 6, arbitrary: operators },
    choice.map(([condition, then, otherwise]): Expr => ({ kind: "if", condition, then, otherwise, span })),
  );
});

const args = (depth: number): fc.Arbitrary<readonly Arg[]> =>
  list(fc.record({ name: maybe(name), value: expr(depth), span: fc.constant(span) }), 0);

const sub = (depth: number): fc.Arbitrary<Sub> =>
  fc.oneof(
    expr(depth).map((value) => ({ kind: "index" as const, value, span })),
    fc.tuple(maybe(expr(depth)), maybe(expr(depth))).map(([from, to]) => ({ kind: "slice" as const, from, to, span })),
  );

function primary(depth: number): fc.Arbitrary<Expr> {
  const inner = expr(depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(name, args(depth - 1)).map(([one, given]): Expr => ({ kind: "call", name: one, args: given, span })),
    inner.map((one): Expr => ({ kind: "parens", inner: one, span })),
    list(inner, 1).map((items): Expr => ({ kind: "array", items, span })),
    fc
      .tuple(list(binder, 1, 2), inner)
      .map(([binders, body]): Expr => ({ kind: "comprehension", binders, body, span })),
    list(fc.record({ name, value: inner }), 1, 2).map((fields): Expr => ({ kind: "record", fields, span })),
  );
}

const postfix = (depth: number): fc.Arbitrary<Expr> =>
  fc.oneof(
    fc
      .tuple(exprAt(POSTFIX)(depth - 1), list(sub(depth - 1), 1, 2))
      .map(([base, subs]): Expr => ({ kind: "subscript", base, subs, span })),
    fc.tuple(exprAt(POSTFIX)(depth - 1), name).map(([base, field]): Expr => ({ kind: "field", base, field, span })),
  );

// ----------------------------------------------------------------------------------------------- types and data

const bound: fc.Arbitrary<Bound> = fc.oneof(
  fc
    .tuple(fc.constantFrom(">" as const, ">=" as const, "<" as const, "<=" as const), exprAt(ADDITIVE)(2))
    .map(([kind, value]) => ({ kind, value, span })),
  fc.tuple(expr(2), expr(2)).map(([lower, upper]) => ({ kind: "in" as const, lower, upper, span })),
);

const type: fc.Memo<TypeNode> = fc.memo((depth) => {
  const array: fc.Arbitrary<TypeNode> = fc.record({
    kind: fc.constant("type" as const),
    name,
    argument: maybe(size),
    optional: fc.boolean(),
    sizes: list(size, 0, 2),
    bounds: list(bound, 0, 2),
    span: fc.constant(span),
  });
  if (depth <= 1) return array;
  const fields = list(fc.record({ name, type: type(depth - 1) }), 1, 2);
  return fc.oneof(
    { weight: 3, arbitrary: array },
    fields.map((of): TypeNode => ({ kind: "recordType", fields: of, span })),
  );
});

const dataItem: fc.Arbitrary<DataItem> = fc.oneof(
  fc.nat(1).map((value) => ({ kind: "base" as const, value, span })),
  list(fc.record({ name, from: maybe(text), value: maybe(expr(2)), span: fc.constant(span) }), 1).map((dims) => ({
    kind: "dim" as const,
    dims,
    span,
  })),
  fc.record({
    kind: fc.constant("declaration" as const),
    name,
    type: type(1),
    from: maybe(list(text, 1)),
    value: maybe(expr(2)),
    span: fc.constant(span),
  }),
);
const data = list(dataItem, 0, 4).map((items) => ({ kind: "data" as const, items, span }));

// ----------------------------------------------------------------------------------------------- statements

const target: fc.Arbitrary<Target> = fc.record({ name, subs: maybe(list(sub(2), 1, 2)), span: fc.constant(span) });
const family: fc.Arbitrary<Family> = fc.record({ name, args: args(2), span: fc.constant(span) });
const attribute: fc.Arbitrary<Attribute> = fc.record({ name, args: args(2), span: fc.constant(span) });
const carried: fc.Arbitrary<Carried> = fc.record({
  name,
  type: maybe(type(1)),
  start: maybe(expr(2)),
  span: fc.constant(span),
});

export type StatementKind = Statement["kind"];

/** Words of a statement without attributes and span, by kind. */
function bare(kind: StatementKind, depth: number): fc.Arbitrary<object> {
  const body = (): fc.Arbitrary<Body> => bodyOf(bodyKinds, depth - 1);
  switch (kind) {
    case "sample":
    case "observe":
      return fc.record({ target, dist: expr(3) });
    case "let":
      return fc.record({ target, value: expr(4) });
    case "report":
      return fc.record({ target, value: maybe(expr(3)) });
    case "param":
      return fc.record({ target, type: maybe(type(1)), value: expr(2) });
    case "factor":
    case "return":
      return fc.record({ value: expr(3) });
    case "plate":
      return fc.record({ binders: list(binder, 1, 2), body: body() });
    case "scan":
      return fc.record({ binder, reverse: fc.boolean(), carried: list(carried, 0, 2), body: body() });
    case "if":
      return fc.record({ condition: expr(3), then: body(), otherwise: maybe(body()) });
    case "default":
      return fc.record({ family });
    case "block":
      return fc.record({ names: list(name, 1), family });
    default:
      return kind satisfies never;
  }
}

const bodyKinds: readonly StatementKind[] = ["sample", "let", "plate", "if"];
const nested = new Set<StatementKind>(["plate", "scan", "if"]);

const statement = (kind: StatementKind, depth: number): fc.Arbitrary<Statement> =>
  fc
    .tuple(list(attribute, 0, 1), bare(kind, depth))
    .map(([attributes, rest]) => ({ kind, attributes, ...rest, span }) as Statement);

function bodyOf(kinds: readonly StatementKind[], depth: number): fc.Arbitrary<Body> {
  const possible = kinds.filter((kind) => depth > 0 || !nested.has(kind));
  return list(fc.oneof(...possible.map((kind) => statement(kind, depth))), 0).map((statements) => ({
    statements,
    span,
  }));
}

// ----------------------------------------------------------------------------------------------- files

const params = list(fc.record({ name, type: type(2) }), 0);
const returning = (depth: number): fc.Arbitrary<Body> =>
  fc
    .tuple(bodyOf(["let"], depth), statement("return", 1))
    .map(([{ statements }, last]) => ({ statements: [...statements, last], span }));

const item: fc.Arbitrary<Item> = fc.oneof(
  text.map((path): Item => ({ kind: "import", path, pathSpan: span, span })),
  fc
    .record({ name, params, result: type(2), value: expr(3) })
    .map(({ value, ...rest }): Item => ({ kind: "fun", ...rest, body: { kind: "expr", value }, span })),
  fc
    .record({ name, params, result: type(2), body: returning(0) })
    .map(({ body, ...rest }): Item => ({ kind: "fun", ...rest, body: { kind: "block", body }, span })),
  fc
    .record({ name, params, result: type(2), body: returning(0) })
    .map((rest): Item => ({ kind: "net", ...rest, span })),
  data,
  bodyOf(["sample", "observe", "let", "report", "param", "factor", "plate", "scan", "if"], 3).map((body): Item => ({
    kind: "model",
    body,
    span,
  })),
  bodyOf(["sample", "let", "param", "plate", "scan", "if", "default", "block"], 2).map((body): Item => ({
    kind: "guide",
    body,
    span,
  })),
  fc
    .tuple(maybe(data), bodyOf(["sample", "let", "report", "plate", "if"], 2))
    .map(([block, body]): Item => ({ kind: "predict", data: block, body, span })),
);

/** A file that `parse` accepts once it is printed. */
export const file: fc.Arbitrary<File> = list(item, 0, 4).map((items) => ({ items, comments: [], span }));

// ----------------------------------------------------------------------------------------------- disorder

const blanks = fc.constantFrom(" ", " ", " ", "\n", "\n\n\n", "\t ", "\r\n", "   ");
const comments = fc.constantFrom(
  "/* in line */",
  "// to the end\n",
  "/* two\n     lines */",
  "\n// own line\n",
  "\n\n// apart\n\n",
);

/** The tokens of `program` with white space and, now and then, comments between them. */
export function disorderly(program: string, withComments: boolean): fc.Arbitrary<string> {
  const images = pplLexer()
    .tokenize(program)
    .tokens.map((token) => token.image);
  const separator = withComments
    ? fc.oneof({ weight: 12, arbitrary: blanks }, { weight: 1, arbitrary: comments })
    : blanks;
  return fc
    .array(fc.tuple(blanks, separator), { minLength: images.length + 1, maxLength: images.length + 1 })
    .map((gaps) => images.reduce((out, image, i) => out + image + gaps[i + 1]!.join(""), gaps[0]!.join("")));
}

/** A tree without positions and comments, for comparisons. */
export function bareTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bareTree);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !["span", "opSpan", "pathSpan", "comments"].includes(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, bareTree(inner)]));
}
