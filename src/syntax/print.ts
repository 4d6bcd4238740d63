// AST → source: the one canonical layout of `variate fmt`. Blocks written on one line stay there if they fit and hold
// no comment; otherwise one statement per line. At most one blank line is kept, and blocks of a file are set apart.

import type { Span } from "../base/span.ts";
import type {
  Body,
  Comment,
  DataBlock,
  DataItem,
  Expr,
  Family,
  File,
  Fun,
  Item,
  Net,
  Parameter,
  Statement,
  Target,
} from "./ast.ts";
import { attach, endOf, sequence, type Entry } from "./comments.ts";
import { broken, group, hard, indent, next, render, separate, space, type Doc } from "./layout.ts";
import {
  afterDoc,
  argsDoc,
  attributeArgsDoc,
  bindersText,
  exprDoc,
  paramsDoc,
  sizeText,
  stringText,
  subsDoc,
  typeDoc,
  type Notes,
} from "./print-expr.ts";
import { exprsOfDataItem, exprsOfStatement, exprsOfType } from "./walk.ts";

/** The file in its one layout. It must be free of syntax errors. */
export function format(file: File): string {
  const { entries } = sequence(file.items, file.comments, file.span);
  const docs = entries.map((entry) => entryDoc(entry, (item) => itemDoc(item, file.comments)));
  return render(entries.map((entry, i) => [i === 0 ? "" : itemGap(file, entries[i - 1]!, entry), docs[i]!]));
}

// ----------------------------------------------------------------------------------------------- sequences

const entryDoc = <T>(entry: Entry<T>, nodeDoc: (node: T) => Doc): Doc =>
  entry.kind === "comment" ? entry.comment.text : [nodeDoc(entry.node), entry.trailing.map(afterDoc)];

/** Does the source have an empty line between two entries? */
function hasGap(before: Entry<unknown>, after: Entry<unknown>): boolean {
  const { source, start } = after.span;
  return /\n[^\S\n]*\n/.test(source.text.slice(endOf(before), start));
}

const gap = (before: Entry<unknown>, after: Entry<unknown>): Doc => (hasGap(before, after) ? [hard, hard] : hard);

/** Blocks of several lines are set apart; beside comments and between one-liners an empty line is only kept. */
function itemGap(file: File, before: Entry<Item>, after: Entry<Item>): Doc {
  const long = (entry: Entry<Item>): boolean =>
    entry.kind === "node" &&
    (entry.node.kind === "model" || render(itemDoc(entry.node, file.comments)).trimEnd().includes("\n"));
  const apart = before.kind === "node" && after.kind === "node" && (long(before) || long(after));
  return apart ? [hard, hard] : gap(before, after);
}

/** `{ … }`, without a group of its own: an `if` with its branches stands on one line or on many. */
function blockDoc<T extends { readonly kind: string; readonly span: Span }>(
  nodes: readonly T[],
  comments: readonly Comment[],
  region: Span,
  nodeDoc: (node: T) => Doc,
): Doc {
  const { opening, entries } = sequence(nodes, comments, region);
  const head = ["{", opening.map(afterDoc)];
  if (entries.length === 0) return opening.length === 0 ? "{ }" : [head, hard, "}"];
  const docs = entries.map((entry, i) => {
    const doc = entryDoc(entry, nodeDoc);
    if (i === 0) return doc;
    return [hasGap(entries[i - 1]!, entry) ? [hard, hard] : separatorAfter(entries[i - 1]!), doc];
  });
  const first = writtenOnOneLine(region) && !comments.some((one) => within(one, region)) ? space : hard;
  return [head, indent([first, docs]), space, "}"];
}

/** No semicolon follows the data block of a `predict`. */
const separatorAfter = (entry: Entry<{ readonly kind: string }>): Doc =>
  entry.kind === "node" && entry.node.kind === "data" ? space : next;

const within = (comment: Comment, span: Span): boolean =>
  comment.span.start >= span.start && comment.span.end <= span.end;

const writtenOnOneLine = ({ source, start, end }: Span): boolean => !source.text.slice(start, end).includes("\n");

/** A statement, data item or file item as far as its comments matter. */
type Node = { readonly span: Span; readonly exprs: readonly Expr[]; readonly bodies: readonly Span[] };

/** The words of a node, with its inner comments at its expressions, above it or at its end. */
function withComments(node: Node, comments: readonly Comment[], doc: (notes: Notes) => Doc): Doc {
  const inHead = comments.filter((one) => within(one, node.span) && !node.bodies.some((body) => within(one, body)));
  const { attached, above, end } = attach(node.exprs, inHead, node.span);
  return [above.map((one) => [one.text, hard]), doc(attached), end.map((one) => afterDoc({ ...one, ownLine: false }))];
}

// ----------------------------------------------------------------------------------------------- items

function itemDoc(item: Item, comments: readonly Comment[]): Doc {
  switch (item.kind) {
    case "import":
      return withComments(
        { span: item.span, exprs: [], bodies: [] },
        comments,
        () => `import ${stringText(item.path)}`,
      );
    case "fun":
    case "net":
      return callableDoc(item, comments);
    case "data":
      return dataDoc(item, comments);
    case "model":
    case "guide":
      return headed(item.kind, item.span, item.body, comments);
    case "predict": {
      const nodes = item.data === null ? item.body.statements : [item.data, ...item.body.statements];
      const block = blockDoc(nodes, comments, item.body.span, (node) =>
        node.kind === "data" ? dataDoc(node, comments) : statementDoc(node, comments),
      );
      return withComments({ span: item.span, exprs: [], bodies: [item.body.span] }, comments, () =>
        group(["predict ", block]),
      );
    }
    default:
      return item satisfies never;
  }
}

const headed = (word: string, span: Span, body: Body, comments: readonly Comment[]): Doc =>
  withComments({ span, exprs: [], bodies: [body.span] }, comments, () => group([word, " ", bodyDoc(body, comments)]));

const bodyDoc = (body: Body, comments: readonly Comment[]): Doc =>
  blockDoc(body.statements, comments, body.span, (statement) => statementDoc(statement, comments));

function callableDoc(item: Fun | Net, comments: readonly Comment[]): Doc {
  const body = item.kind === "net" ? item.body : item.body.kind === "block" ? item.body.body : null;
  const value = item.kind === "fun" && item.body.kind === "expr" ? item.body.value : null;
  const types = [...item.params.map((param) => param.type), item.result];
  const exprs = [...types.flatMap(exprsOfType), ...(value === null ? [] : [value])];
  return withComments({ span: item.span, exprs, bodies: body === null ? [] : [body.span] }, comments, (notes) => [
    `${item.kind} ${item.name.text}`,
    paramsDoc(item.params.map((param) => paramDoc(param, notes))),
    " -> ",
    typeDoc(item.result, notes),
    value === null ? "" : [" = ", exprDoc(value, notes)],
    body === null ? "" : [" ", group(bodyDoc(body, comments))],
  ]);
}

const paramDoc = ({ name, type }: Parameter, notes: Notes): Doc => [name.text, ": ", typeDoc(type, notes)];

// ----------------------------------------------------------------------------------------------- data

function dataDoc(block: DataBlock, comments: readonly Comment[]): Doc {
  const inner = { ...block.span, start: bracketAt(block.span) };
  const doc = blockDoc(block.items, comments, inner, (item) =>
    withComments({ span: item.span, exprs: exprsOfDataItem(item), bodies: [] }, comments, (notes) =>
      dataItemDoc(item, notes),
    ),
  );
  return withComments({ span: block.span, exprs: [], bodies: [inner] }, comments, () => group(["data ", doc]));
}

/** The `{` of a data block: comments may stand before it. */
function bracketAt({ source, start, end }: Span): number {
  const found = source.text
    .slice(start, end)
    .replace(/\/\/[^\n]*|\/\*[^]*?\*\//g, (text) => " ".repeat(text.length))
    .indexOf("{");
  return start + Math.max(found, 0);
}

function dataItemDoc(item: DataItem, notes: Notes): Doc {
  switch (item.kind) {
    case "base":
      return `base ${item.value}`;
    case "dim": {
      const dims = item.dims.map(({ name, from, value }) => [
        name.text,
        from === null ? "" : ` from ${stringText(from)}`,
        valueDoc(value, notes),
      ]);
      return group(["dim ", indent(separate(dims, [",", space]))]);
    }
    case "declaration":
      return [paramDoc(item, notes), keysDoc(item.from), valueDoc(item.value, notes)];
    default:
      return item satisfies never;
  }
}

const valueDoc = (value: Expr | null, notes: Notes): Doc => (value === null ? "" : [" = ", exprDoc(value, notes)]);

/** One key prints without brackets, whether or not it was written with them. */
function keysDoc(keys: readonly string[] | null): Doc {
  if (keys === null) return "";
  if (keys.length === 1) return ` from ${stringText(keys[0]!)}`;
  return [" from ", group(["[", indent(separate(keys.map(stringText), [",", space])), "]"])];
}

// ----------------------------------------------------------------------------------------------- statements

function statementDoc(statement: Statement, comments: readonly Comment[]): Doc {
  if (statement.kind === "if") return ifDoc(statement, comments);
  const body = statement.kind === "plate" || statement.kind === "scan" ? statement.body : null;
  const node = { span: statement.span, exprs: exprsOfStatement(statement), bodies: body === null ? [] : [body.span] };
  return withComments(node, comments, (notes) => {
    const words = [attributesDoc(statement, notes), wordsDoc(statement, notes)];
    return body === null ? words : group([words, " ", bodyDoc(body, comments)]);
  });
}

const attributesDoc = ({ attributes }: Statement, notes: Notes): Doc =>
  attributes.map(({ name, args }) =>
    group([`@${name.text}`, args.length === 0 ? "" : attributeArgsDoc(args, notes), space]),
  );

/** A statement without its body. */
function wordsDoc(statement: Exclude<Statement, { kind: "if" }>, notes: Notes): Doc {
  switch (statement.kind) {
    case "sample":
    case "observe":
      return [statement.kind, " ", targetDoc(statement.target, notes), " ~ ", exprDoc(statement.dist, notes)];
    case "let":
    case "report":
      return [statement.kind, " ", targetDoc(statement.target, notes), valueDoc(statement.value, notes)];
    case "param": {
      const type = statement.type === null ? "" : [": ", typeDoc(statement.type, notes)];
      return ["param ", targetDoc(statement.target, notes), type, valueDoc(statement.value, notes)];
    }
    case "factor":
    case "return":
      return [statement.kind, " ", exprDoc(statement.value, notes)];
    case "plate":
      return ["plate ", bindersText(statement.binders)];
    case "scan":
      return scanDoc(statement, notes);
    case "default":
      return ["default ", familyDoc(statement.family, notes)];
    case "block":
      return ["block ", statement.names.map((name) => name.text).join(", "), ": ", familyDoc(statement.family, notes)];
    default:
      return statement satisfies never;
  }
}

const targetDoc = ({ name, subs }: Target, notes: Notes): Doc => [name.text, subs === null ? "" : subsDoc(subs, notes)];

const familyDoc = ({ name, args }: Family, notes: Notes): Doc => [
  name.text,
  args.length === 0 ? "" : argsDoc(args, notes),
];

function scanDoc({ binder, reverse, carried }: Extract<Statement, { kind: "scan" }>, notes: Notes): Doc {
  const names = carried.map(({ name, type, start }) => [
    name.text,
    type === null ? "" : [": ", typeDoc(type, notes)],
    valueDoc(start, notes),
  ]);
  const carry = names.length === 0 ? "" : [" carry ", group(indent(separate(names, [",", space])))];
  return ["scan ", binder.name.text, " in ", sizeText(binder.size), reverse ? " reverse" : "", carry];
}

// ----------------------------------------------------------------------------------------------- if

type If = Extract<Statement, { kind: "if" }>;
type Branches = { readonly ifs: readonly If[]; readonly last: Body | null };

/** `if … else if … else …` as a list. */
function branchesOf(statement: If): Branches {
  const ifs = [statement];
  for (;;) {
    const { otherwise } = ifs.at(-1)!;
    const chained = otherwise?.statements[0];
    const only = otherwise?.statements.length === 1 && chained?.kind === "if" && chained.attributes.length === 0;
    if (!only || otherwise?.span.start !== chained.span.start) return { ifs, last: otherwise ?? null };
    ifs.push(chained);
  }
}

function ifDoc(statement: If, comments: readonly Comment[]): Doc {
  const { ifs, last } = branchesOf(statement);
  const bodies = [...ifs.map((one) => one.then), ...(last === null ? [] : [last])];
  const exprs = [...exprsOfStatement(statement), ...ifs.slice(1).map((one) => one.condition)];
  const whole = bodies.every((body) => writtenOnOneLine(body.span)) ? group : broken;
  return withComments({ span: statement.span, exprs, bodies: bodies.map((body) => body.span) }, comments, (notes) =>
    whole([
      attributesDoc(statement, notes),
      ifs.map((one, i) => [
        i === 0 ? "if " : " else if ",
        exprDoc(one.condition, notes),
        " ",
        bodyDoc(one.then, comments),
      ]),
      last === null ? "" : [" else ", bodyDoc(last, comments)],
    ]),
  );
}
