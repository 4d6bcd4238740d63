// Names read whole or by subscripts: which members may be read where, and the type of what is read.

import { ice } from "../base/ice.ts";
import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { needUniform, stageOf, toNumber } from "./check-apply.ts";
import { checkArrayExpr, checkExpr, COMPREHENSION, needData, number } from "./check-expr.ts";
import { earlierRead } from "./check-earlier.ts";
import { dimEntry, factsOf, fault, find, textOf, unbuilt, unknownName } from "./check-scope.ts";
import type { Env, SizeEntry } from "./check-scope.ts";
import { memberData } from "./member-hints.ts";
import type { Expr, Subscript, Symbol } from "./model.ts";
import { array, int, prefixed, real, showSize, showType, sizesAgree } from "./types.ts";
import type { ArrayType, Shape, Size, Type } from "./types.ts";

const CONSTANTS = ["pi", "inf"];

/** `name` or `name[subs]`. */
export function checkNameRead(
  name: Ast.Name,
  read: { readonly subs: readonly Ast.Sub[]; readonly span: Span } | null,
  env: Env,
): Expr | null {
  const earlier = read === null ? null : earlierRead(name, read.subs, read.span, env);
  if (earlier === "refused") return null;
  if (earlier !== null && read !== null) return readEarlier(earlier.symbol, { ...read, subs: earlier.subs }, name, env);
  const base = checkName(name, env);
  const checked = read === null ? [] : checkSubs(read.subs, base, name, env);
  if (base === null || checked === null) return null;
  if (base.kind === "name" && !mayRead(base.symbol, checked, name, env)) return null;
  return read === null ? base : subscripted(base, checked, read.span);
}

/** A carried name at an earlier step, with the subscripts that are left. */
function readEarlier(
  symbol: Symbol,
  read: { readonly subs: readonly Ast.Sub[]; readonly span: Span },
  name: Ast.Name,
  env: Env,
): Expr | null {
  const base = wholeOf(symbol, read.span);
  if (read.subs.length === 0) return base;
  const checked = checkSubs(read.subs, base, name, env);
  if (checked === null || !mayRead(symbol, checked, name, env)) return null;
  return subscripted(base, checked, read.span);
}

export function checkSubscript(node: Extract<Ast.Expr, { kind: "subscript" }>, env: Env): Expr | null {
  const inner = unwrap(node.base);
  if (inner.kind === "name") return checkNameRead(inner.name, node, env);
  const base = checkExpr(inner, env);
  const checked = checkSubs(node.subs, base, { text: textOf(inner.span), span: inner.span }, env);
  return base === null || checked === null ? null : subscripted(base, checked, node.span);
}

export const unwrap = (node: Ast.Expr): Ast.Expr => (node.kind === "parens" ? unwrap(node.inner) : node);

// ---------------------------------------------------------------------------------------- names

/** What a name means: a value, else a dim as its size, else `pi` or `inf`. */
function checkName(name: Ast.Name, env: Env): Expr | null {
  const entry = find(env.scope, name.text);
  if (entry !== null) {
    if (entry.symbol === null) return null;
    env.checker.reads.add(entry.symbol);
    return wholeOf(entry.symbol, name.span);
  }
  const dim = dimEntry(env, name.text);
  if (dim !== null) return dimAsNumber(dim, name, env);
  if (CONSTANTS.includes(name.text)) return wholeOf(constant(name), name.span);
  return unknownName(env, name);
}

function dimAsNumber({ size, value }: SizeEntry, { span }: Ast.Name, env: Env): Expr | null {
  if (value !== null) return { ...value, span };
  return typeof size === "number"
    ? number(size, int, span)
    : unbuilt(env, span, "the number of members of a dim without a name");
}

const constant = ({ text, span }: Ast.Name): Symbol => ({
  name: text,
  kind: "constant",
  type: array(real, []),
  axes: [],
  stage: "data",
  span,
});

/** The whole value of a symbol: the dims of its plates in front. */
export const wholeOf = (symbol: Symbol, span: Span): Expr => ({
  kind: "name",
  symbol,
  type: prefixed(
    symbol.axes.map((axis) => axis.dim),
    symbol.type,
  ),
  stage: symbol.stage,
  span,
});

/** Inside its own plates only a symbol's own member is there; a site under a condition has no whole; a guide reads
 *  what it has sampled. */
function mayRead(symbol: Symbol, subs: readonly CheckedSub[], name: Ast.Name, env: Env): boolean {
  const labels = [{ span: symbol.span, text: "defined here" }];
  const isSite = symbol.kind === "site" || (symbol.kind === "data" && env.checker.imputed.has(symbol.name));
  if (isSite && env.guide?.written.has(symbol.name) && !env.guide.sampled.has(symbol.name)) {
    fault(
      env,
      "PPL510",
      name.span,
      { site: symbol.name },
      { hint: "sites are read after the statement of the guide that samples them" },
    );
    return false;
  }
  const { owners, partial } = factsOf(env, symbol);
  const foreign = owners.find((owner, i) => isOpen(owner, env) && !isMember(subs[i], owner));
  if (foreign !== undefined) {
    const own = `${symbol.name}[${owners.map((owner) => owner.name).join(", ")}]`;
    fault(
      env,
      "PPL206",
      name.span,
      { name: symbol.name, own, plate: foreign.name },
      {
        labels,
        hint: `members of a plate do not see each other; after the plate \`${symbol.name}\` is an array`,
      },
    );
    return false;
  }
  if (partial && owners.some((_, i) => subs[i] === undefined || subs[i].sub.kind === "slice")) {
    fault(env, "PPL305", name.span, { name: symbol.name }, { labels });
    return false;
  }
  return true;
}

const isOpen = (owner: Symbol, env: Env): boolean => env.plates.some(({ symbol }) => symbol === owner);

const isMember = (sub: CheckedSub | undefined, owner: Symbol): boolean =>
  sub?.sub.kind === "index" && sub.sub.value.kind === "name" && sub.sub.value.symbol === owner;

// ---------------------------------------------------------------------------------------- subscripts

/** A subscript and the dims that it leaves in place of the one that it takes. */
type CheckedSub = { readonly sub: Subscript; readonly dims: Shape };

/** Every subscript against the dim it takes; null where one is wrong (or `base` was). */
function checkSubs(
  subs: readonly Ast.Sub[],
  base: Expr | null,
  name: Ast.Name,
  env: Env,
): readonly CheckedSub[] | null {
  const shape = base === null ? null : shapeOf(base);
  if (base !== null && shape === null) {
    fault(env, "PPL306", name.span, {
      value: name.text,
      found: showType(base.type),
      op: "a subscript",
      wants: "an array",
    });
  } else if (shape !== null && subs.length > shape.length) {
    fault(
      env,
      "PPL303",
      name.span,
      { of: name.text, dims: shape.length, given: subs.length },
      { labels: definedAt(base!) },
    );
  }
  const fits = shape !== null && subs.length <= shape.length;
  const found = subs.map((sub, i) =>
    checkSub(sub, { size: fits ? (shape[i] ?? null) : null, i, subs, base: fits ? base : null, name }, env),
  );
  if (!fits || !found.every((sub) => sub !== null)) return null;
  const [first, second] = found.filter(({ sub, dims }) => sub.kind === "index" && dims.length > 0);
  if (first !== undefined && second !== undefined) {
    return fault(
      env,
      "PPL304",
      name.span,
      { op: "a subscript with two arrays of indices", left: first.dims, right: second.dims },
      { hint: COMPREHENSION },
    );
  }
  return found;
}

/** The dims that subscripts can take: all of an array, those of the plates of a record. */
function shapeOf(base: Expr): Shape | null {
  if (base.type.kind === "array") return base.type.shape;
  return base.kind === "name" && base.symbol.axes.length > 0 ? base.symbol.axes.map((axis) => axis.dim) : null;
}

/** Which position of what is subscripted. `base` null: only the subscript itself can be checked. */
type Position = {
  readonly size: Size;
  readonly i: number;
  readonly subs: readonly Ast.Sub[];
  readonly base: Expr | null;
  readonly name: Ast.Name;
};

function checkSub(sub: Ast.Sub, at: Position, env: Env): CheckedSub | null {
  if (sub.kind === "slice") return checkSlice(sub, at, env);
  const value = checkArrayExpr(sub.value, env, "a subscript");
  if (value === null) return null;
  const { elem } = value.type;
  const text = textOf(sub.span);
  if (elem.kind === "real") {
    return fault(
      env,
      "PPL307",
      sub.span,
      { sub: text, of: at.name.text },
      { hint: `int(${text}) or round(${text}) makes an int of it` },
    );
  }
  if (elem.kind === "bool") {
    return fault(
      env,
      "PPL306",
      sub.span,
      { value: text, found: "bool", op: "a subscript", wants: "an index or an int" },
      {
        hint: `choose with \`if ${text} then … else …\``,
      },
    );
  }
  if (elem.kind !== "index" || elem.dim === at.size) return { sub: { kind: "index", value }, dims: value.type.shape };
  if (!sizesAgree(elem.dim, at.size)) return wrongDim(text, elem.dim, sub.span, at, env);
  // Sizes that are compared only at load: as a number, so that every read is checked there.
  return { sub: { kind: "index", value: toNumber(value, env) }, dims: value.type.shape };
}

/** PPL302, with a member of the right dim where one is at hand. */
function wrongDim(text: string, dim: Size, span: Span, at: Position, env: Env): null {
  const meant = memberMeant(text, dim, at.size, env);
  const subs = meant === null ? null : at.subs.map((sub, i) => (i === at.i ? meant : textOf(sub.span)));
  return fault(
    env,
    "PPL302",
    span,
    { index: text, over: showSize(dim), of: at.name.text, dim: showSize(at.size) },
    {
      labels: at.base === null ? [] : definedAt(at.base),
      hint: subs === null ? `int(${text}) subscripts any dim` : `did you mean ${at.name.text}[${subs.join(", ")}]?`,
    },
  );
}

/** An open index of the right dim, else the member of it that data give for the index at hand: `g[i]`. */
function memberMeant(text: string, dim: Size, wanted: Size, env: Env): string | null {
  const data = memberData(env, wanted, dim);
  if (data !== null) return `${data.name}[${text}]`;
  return env.indices.findLast(({ plate }) => plate.dim === wanted)?.symbol.name ?? null;
}

/** `theta: real[J], defined here`. */
const definedAt = (base: Expr): { span: Span; text: string }[] =>
  base.kind === "name"
    ? [{ span: base.symbol.span, text: `${base.symbol.name}: ${showType(base.type)}, defined here` }]
    : [];

function checkSlice(sub: Extract<Ast.Sub, { kind: "slice" }>, at: Position, env: Env): CheckedSub | null {
  const from = sub.from === null ? null : checkLimit(sub.from, at, env);
  const to = sub.to === null ? null : checkLimit(sub.to, at, env);
  if ((sub.from !== null && from === null) || (sub.to !== null && to === null)) return null;
  return { sub: { kind: "slice", from, to }, dims: [sliceSize(from, to, at.size, env.checker.base)] };
}

/** An end of a slice: a number of the file's base or an index, known from data, the same for all members. */
function checkLimit(node: Ast.Expr, at: Position, env: Env): Expr | null {
  const value = checkArrayExpr(node, env, "a slice");
  if (value === null) return null;
  const { elem, shape } = value.type;
  if (shape.length > 0 || elem.kind === "real" || elem.kind === "bool") {
    return fault(env, "PPL306", node.span, {
      value: textOf(node.span),
      found: showType(value.type),
      op: "a slice",
      wants: "an int",
    });
  }
  if (elem.kind === "index" && !sizesAgree(elem.dim, at.size))
    return wrongDim(textOf(node.span), elem.dim, node.span, at, env);
  return needData(env, value, "the end of a slice") && needUniform(env, value) ? value : null;
}

/** Both ends are included. */
function sliceSize(from: Expr | null, to: Expr | null, size: Size, base: number): Size {
  if (from === null && to === null) return size;
  const first = from === null ? base : literal(from);
  const last = to === null ? (typeof size === "number" ? size - 1 + base : null) : literal(to);
  return first === null || last === null ? null : Math.max(last - first + 1, 0);
}

const literal = (value: Expr): number | null => (value.kind === "number" ? value.value : null);

/** `base[subs]` with its type; dims that no subscript takes stay. */
function subscripted(base: Expr, subs: readonly CheckedSub[], span: Span): Expr {
  const type = typeOf(base, subs);
  const parts = subs.flatMap(({ sub }) => (sub.kind === "index" ? [sub.value] : []));
  return { kind: "subscript", base, subs: subs.map(({ sub }) => sub), type, stage: stageOf([base, ...parts]), span };
}

function typeOf(base: Expr, subs: readonly CheckedSub[]): Type {
  const left = subs.flatMap(({ dims }) => dims);
  if (base.type.kind === "array") return arrayLeft(base.type, left, subs.length);
  if (base.kind !== "name") return ice("a subscript of a record that is no name");
  return prefixed([...left, ...base.symbol.axes.slice(subs.length).map((axis) => axis.dim)], base.symbol.type);
}

const arrayLeft = (type: ArrayType, left: Shape, taken: number): ArrayType =>
  array(type.elem, [...left, ...type.shape.slice(taken)]);
