// Where the formatter writes each comment: beside the expression it follows or precedes, at the end of the line of a
// statement, on a line between statements, or (where no such place is near) on a line above the statement.

import { isKeyword } from "../../grammar/tokens.ts";
import type { Comment, Expr } from "./ast.ts";
import type { Span } from "../base/span.ts";
import { childrenOf, continuesChain } from "./walk.ts";

export type Attached = { readonly before: readonly Comment[]; readonly after: readonly Comment[] };

/** What a sequence of statements, data items or file items looks like with its comments. */
export type Entry<T> =
  | { readonly kind: "comment"; readonly comment: Comment; readonly span: Span }
  | { readonly kind: "node"; readonly node: T; readonly span: Span; readonly trailing: readonly Comment[] };

export type Sequence<T> = { readonly opening: readonly Comment[]; readonly entries: readonly Entry<T>[] };

const within = (comment: Comment, span: Span): boolean =>
  comment.span.start >= span.start && comment.span.end <= span.end;

/** Is there a line break between two offsets? */
const apart = (span: Span, from: number, to: number): boolean => span.source.text.slice(from, to).includes("\n");

/** The comments of `region` that lie in none of the `nodes`, merged with these in the order of the text. */
export function sequence<T extends { readonly span: Span }>(
  nodes: readonly T[],
  comments: readonly Comment[],
  region: Span,
): Sequence<T> {
  const loose = comments.filter((one) => within(one, region) && !nodes.some((node) => within(one, node.span)));
  const opening: Comment[] = [];
  const entries: Entry<T>[] = [];
  let rest = [...loose];
  const take = (until: number): readonly Comment[] => {
    const taken = rest.filter((one) => one.span.start < until);
    rest = rest.slice(taken.length);
    return taken;
  };
  const place = (found: readonly Comment[]): void => {
    for (const comment of found) {
      const last = entries.at(-1);
      if (last === undefined && opens(region, comment)) opening.push(comment);
      else if (last?.kind === "node" && !apart(region, endOf(last), comment.span.start)) {
        entries[entries.length - 1] = { ...last, trailing: [...last.trailing, comment] };
      } else entries.push({ kind: "comment", comment, span: comment.span });
    }
  };
  for (const node of nodes) {
    place(take(node.span.start));
    entries.push({ kind: "node", node, span: node.span, trailing: [] });
  }
  place(rest);
  return { opening, entries };
}

/** A comment on the line of the opening bracket. */
const opens = (region: Span, comment: Comment): boolean =>
  region.source.text[region.start] === "{" && !apart(region, region.start, comment.span.start);

/** Where an entry with its trailing comments ends. */
export const endOf = (entry: Entry<unknown>): number =>
  entry.kind === "node" ? (entry.trailing.at(-1)?.span.end ?? entry.span.end) : entry.span.end;

// ----------------------------------------------------------------------------------------------- inside a statement

export type Attachments = {
  readonly attached: ReadonlyMap<Expr, Attached>;
  /** Comments for lines above the statement, and for the end of its line. */
  readonly above: readonly Comment[];
  readonly end: readonly Comment[];
};

/**
 * Comments inside the words of one statement with the expressions `exprs`. A comment that needs the rest of its line
 * goes only where the layout can break it, behind a whole list item, operand or branch, or to the end of the statement:
 * so reading the result puts it there again.
 */
export function attach(exprs: readonly Expr[], comments: readonly Comment[], span: Span): Attachments {
  const attached = new Map<Expr, Attached>();
  const above: Comment[] = [];
  const end: Comment[] = [];
  const all = comments.length === 0 ? [] : exprs.flatMap((expr) => positions(expr, true, true));
  const note = (expr: Expr): Attached => attached.get(expr) ?? { before: [], after: [] };
  for (const comment of comments) {
    const leading = !isLong(comment.text) && opensExpression(textBefore(comment, comments));
    const ahead = leading ? following(all, comment) : null;
    const behind = leading ? null : preceding(all, comment);
    if (ahead) attached.set(ahead, { ...note(ahead), before: [...note(ahead).before, comment] });
    else if (behind?.span.end === span.end) end.push(comment);
    else if (behind === null || (exprs.includes(behind) && isLong(comment.text))) above.push(comment);
    else attached.set(behind, { ...note(behind), after: [...note(behind).after, comment] });
  }
  return { attached, above, end };
}

/** The text before a comment without white space and other comments. */
function textBefore({ span }: Comment, comments: readonly Comment[]): string {
  const before = span.source.text.slice(0, span.start).trimEnd();
  const neighbour = comments.find(
    (one) => one.span.start < span.start && one.span.start + one.text.length === before.length,
  );
  return neighbour === undefined ? before : textBefore(neighbour, comments);
}

/** Does an operator, an opening bracket or a keyword end the text, so that a comment in the line goes with what
 *  follows? */
function opensExpression(before: string): boolean {
  const word = /\w+$/.exec(before)?.[0];
  if (word !== undefined) return isKeyword(word) && word !== "true" && word !== "false";
  return "([{,.=~+-*/%^<>&|!:".includes(before.at(-1) ?? " ");
}

/** Does a comment need the rest of its line? */
export const isLong = (text: string): boolean => text.startsWith("//") || text.includes("\n");

/** An expression of a statement, printed by itself; `whole` if in one piece after which a line may end. */
type Position = { readonly expr: Expr; readonly whole: boolean };

/** `piece`: printed in one piece; `breaks`: a line may end after it. */
function positions(expr: Expr, piece: boolean, breaks: boolean): readonly Position[] {
  return [{ expr, whole: piece && breaks }, ...inside(expr, breaks)];
}

function inside(expr: Expr, breaks: boolean): readonly Position[] {
  const pieces = piecesIn(expr);
  return childrenOf(expr).flatMap((child) => {
    const breaksHere = child.span.end < expr.span.end || breaks; // at the end, no closing bracket follows
    if (flattened(expr, child)) return inside(child, breaksHere);
    const piece = pieces.includes(child);
    return positions(child, piece, piece && breaksHere);
  });
}

/** The first part of a chain of operators and the last of a chain of `if` are laid out with the whole chain. */
const flattened = (expr: Expr, child: Expr): boolean =>
  (expr.kind === "binary" && child === expr.left && continuesChain(expr)) ||
  (expr.kind === "if" && child === expr.otherwise && child.kind === "if");

/** List items, operands of a chain and branches of an `if`, as the layout takes them apart. */
function piecesIn(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "call":
    case "array":
    case "record":
    case "parens":
    case "comprehension":
      return childrenOf(expr);
    case "subscript":
      return expr.subs.flatMap((sub) => (sub.kind === "index" ? sub.value : sub.to) ?? []);
    case "binary":
      return expr.op === "^" ? [] : childrenOf(expr);
    case "if":
      return childrenOf(expr);
    default:
      return [];
  }
}

/** The whole expression that ends last before a comment, or else the one around what ends there; the outermost such. */
function preceding(all: readonly Position[], { span }: Comment): Expr | null {
  const ends = all.map(({ expr }) => expr.span.end).filter((end) => end <= span.start);
  const end = ends.reduce((a, b) => Math.max(a, b), -1);
  const outermost = (at: number | undefined): Position | undefined =>
    all.find(({ expr, whole }) => whole && expr.span.end === at);
  const last = all.find(({ expr }) => expr.span.end === end);
  if (last === undefined) return null;
  const covers = ({ expr, whole }: Position): boolean =>
    whole && expr.span.start <= last.expr.span.start && expr.span.end >= end;
  return (outermost(end) ?? outermost(all.findLast(covers)?.expr.span.end))?.expr ?? null;
}

function following(all: readonly Position[], { span }: Comment): Expr | null {
  const later = all.filter(({ expr }) => expr.span.start >= span.end);
  return later.reduce<Expr | null>(
    (best, { expr }) => (best && best.span.start <= expr.span.start ? best : expr),
    null,
  );
}
