// Expressions, types and their parts → layout documents, with the comments that were attached to them.

import { ice } from "../base/ice.ts";
import type { Arg, Binder, Bound, Comment, Expr, Sub, SizeNode, TypeNode } from "./ast.ts";
import { isLong, type Attached } from "./comments.ts";
import { group, indent, remark, separate, soft, space, type Doc } from "./layout.ts";
import { childrenOf, continuesChain } from "./walk.ts";
import { hyphenated } from "./words.ts";

/** Comments by the expression at which they are written. */
export type Notes = ReadonlyMap<Expr, Attached>;

export function exprDoc(expr: Expr, notes: Notes): Doc {
  const note = notes.get(expr);
  const doc = bareDoc(expr, notes);
  return note === undefined ? doc : [note.before.map((one) => `${one.text} `), doc, note.after.map(afterDoc)];
}

/** A comment behind a piece of text: in the line, or (where it needs the rest of it) at its end or below. */
export const afterDoc = ({ text, ownLine }: Comment): Doc => (isLong(text) ? remark(text, ownLine) : ` ${text}`);

function bareDoc(expr: Expr, notes: Notes): Doc {
  switch (expr.kind) {
    case "int":
    case "real":
      return expr.text;
    case "string":
      return stringText(expr.value);
    case "bool":
      return String(expr.value);
    case "name":
      return expr.name.text;
    case "call":
      return [expr.name.text, argsDoc(expr.args, notes)];
    case "unary":
      return [expr.op, exprDoc(expr.operand, notes)];
    case "binary":
      return binaryDoc(expr, notes);
    case "if":
      return ifDoc(expr, notes);
    case "subscript":
      return [exprDoc(expr.base, notes), subsDoc(expr.subs, notes)];
    case "field":
      return [exprDoc(expr.base, notes), endsInDigit(expr.base) ? " ." : ".", expr.field.text];
    case "array":
      return bracketed(
        "[",
        expr.items.map((item) => exprDoc(item, notes)),
        "]",
      );
    case "comprehension":
      return comprehensionDoc(expr, notes);
    case "record":
      return fieldsDoc(expr.fields.map(({ name, value }) => [name.text, ": ", exprDoc(value, notes)]));
    case "parens":
      return group(["(", indent([soft, exprDoc(expr.inner, notes)]), soft, ")"]);
    case "missing":
      return ice("a file with syntax errors is not formatted");
    default:
      return expr satisfies never;
  }
}

export const stringText = (value: string): string => JSON.stringify(value);

/** `3 .a` is a field of a number, `3.a` a broken number. */
const endsInDigit = (expr: Expr): boolean => expr.kind === "int" || expr.kind === "real";

// ----------------------------------------------------------------------------------------------- lists

function bracketed(open: string, items: readonly Doc[], close: string): Doc {
  if (items.length === 0) return open + close;
  return group([open, indent([soft, separate(items, [",", space])]), soft, close]);
}

export const argsDoc = (args: readonly Arg[], notes: Notes): Doc => argsOf(args, (value) => exprDoc(value, notes));

/** Arguments of an attribute: names joined by hyphens are words, unless a comment stands among them. */
export const attributeArgsDoc = (args: readonly Arg[], notes: Notes): Doc =>
  argsOf(args, (value) => (hasNotes(value, notes) ? null : hyphenated(value)) ?? exprDoc(value, notes));

const hasNotes = (expr: Expr, notes: Notes): boolean =>
  notes.has(expr) || childrenOf(expr).some((child) => hasNotes(child, notes));

const argsOf = (args: readonly Arg[], valueDoc: (value: Expr) => Doc): Doc =>
  bracketed(
    "(",
    args.map(({ name, value }) => [name === null ? "" : `${name.text} = `, valueDoc(value)]),
    ")",
  );

export const subsDoc = (subs: readonly Sub[], notes: Notes): Doc =>
  bracketed(
    "[",
    subs.map((sub) => subDoc(sub, notes)),
    "]",
  );

function subDoc(sub: Sub, notes: Notes): Doc {
  if (sub.kind === "index") return exprDoc(sub.value, notes);
  return [sub.from ? exprDoc(sub.from, notes) : "", "..", sub.to ? exprDoc(sub.to, notes) : ""];
}

const fieldsDoc = (fields: readonly Doc[]): Doc =>
  group(["{", indent([space, separate(fields, [",", space])]), space, "}"]);

export const paramsDoc = (params: readonly Doc[]): Doc => bracketed("(", params, ")");

function comprehensionDoc(expr: Extract<Expr, { kind: "comprehension" }>, notes: Notes): Doc {
  const head = `${bindersText(expr.binders)}:`;
  return group(["[", indent([soft, head, space, exprDoc(expr.body, notes)]), soft, "]"]);
}

// ----------------------------------------------------------------------------------------------- operators

/** A chain of operators of one precedence breaks before each of them; a power stays together. */
function binaryDoc(expr: Extract<Expr, { kind: "binary" }>, notes: Notes): Doc {
  if (expr.op === "^") return [exprDoc(expr.left, notes), "^", exprDoc(expr.right, notes)];
  const parts: Doc[] = [];
  let link = expr;
  for (;;) {
    parts.push([space, link.op, " ", exprDoc(link.right, notes)]);
    if (!continuesChain(link) || link.left.kind !== "binary") break;
    link = link.left;
  }
  return group([exprDoc(link.left, notes), indent(parts.reverse())]);
}

/** `if … then … else if … then … else …`: the branches stand below each other when they do not fit. */
function ifDoc(expr: Extract<Expr, { kind: "if" }>, notes: Notes): Doc {
  const parts: Doc[] = [];
  let rest: Expr = expr;
  while (rest.kind === "if") {
    parts.push(rest === expr ? "if " : [space, "else if "], exprDoc(rest.condition, notes));
    parts.push([space, "then ", exprDoc(rest.then, notes)]);
    rest = rest.otherwise;
  }
  return group(indent([...parts, space, "else ", exprDoc(rest, notes)]));
}

// ----------------------------------------------------------------------------------------------- types and binders

export const sizeText = (size: SizeNode): string => (size.kind === "name" ? size.name.text : String(size.value));

export const bindersText = (binders: readonly Binder[]): string =>
  binders.map(({ name, size }) => `${name.text} in ${sizeText(size)}`).join(", ");

export function typeDoc(type: TypeNode, notes: Notes): Doc {
  if (type.kind === "recordType") {
    return fieldsDoc(type.fields.map((field) => [field.name.text, ": ", typeDoc(field.type, notes)]));
  }
  const argument = type.argument === null ? "" : `(${sizeText(type.argument)})`;
  const sizes = type.sizes.length === 0 ? "" : `[${type.sizes.map(sizeText).join(", ")}]`;
  const head = `${type.name.text}${argument}${type.optional ? "?" : ""}${sizes}`;
  return [head, type.bounds.map((bound) => boundDoc(bound, notes))];
}

function boundDoc(bound: Bound, notes: Notes): Doc {
  if (bound.kind !== "in") return [` ${bound.kind} `, exprDoc(bound.value, notes)];
  return [" in ", bracketed("[", [exprDoc(bound.lower, notes), exprDoc(bound.upper, notes)], "]")];
}
