// Where the formatter writes each comment: beside the expression it follows or precedes, at the end of the line of a
// statement, on a line between statements, or (where no such place is near) on a line above the statement.

import type { Comment, Expr } from "./ast.ts";
import type { Span } from "../base/span.ts";
import { allExprs } from "./walk.ts";

export type Attached = { readonly before: readonly Comment[]; readonly after: readonly Comment[] };

/** What a sequence of statements, data items or file items looks like with its comments. */
export type Entry<T> =
  | { readonly kind: "comment"; readonly comment: Comment; readonly span: Span }
  | { readonly kind: "node"; readonly node: T; readonly span: Span; readonly trailing: readonly Comment[] };

export type Sequence<T> = { readonly opening: readonly Comment[]; readonly entries: readonly Entry<T>[] };

const inside = (comment: Comment, span: Span): boolean => comment.span.start >= span.start && comment.span.end <= span.end;

/** Is there a line break between two offsets? */
const apart = (span: Span, from: number, to: number): boolean => span.source.text.slice(from, to).includes("\n");

/** The comments of `region` that lie in none of the `nodes`, merged with these in the order of the text. */
export function sequence<T extends { readonly span: Span }>(
  nodes: readonly T[], comments: readonly Comment[], region: Span,
): Sequence<T> {
  const loose = comments.filter((one) => inside(one, region) && !nodes.some((node) => inside(one, node.span)));
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
  entry.kind === "node" ? entry.trailing.at(-1)?.span.end ?? entry.span.end : entry.span.end;

/** Comments inside the words of one statement: at its expressions, or above it. */
export function attach(
  exprs: readonly Expr[], comments: readonly Comment[],
): { readonly attached: ReadonlyMap<Expr, Attached>; readonly above: readonly Comment[] } {
  const attached = new Map<Expr, Attached>();
  const above: Comment[] = [];
  const all = comments.length === 0 ? [] : exprs.flatMap(allExprs);
  for (const comment of comments) {
    const leading = leads(comment);
    const expr = leading ? following(all, comment) : preceding(all, comment);
    if (expr === null) { above.push(comment); continue; }
    const { before, after } = attached.get(expr) ?? { before: [], after: [] };
    attached.set(expr, leading ? { before: [...before, comment], after } : { before, after: [...after, comment] });
  }
  return { attached, above };
}

/** A block comment in a line goes with what follows it, as in f(\/* rate *\/ 2), unless a separator comes next. */
function leads({ text, span }: Comment): boolean {
  if (isLong(text)) return false;
  const before = span.source.text.slice(0, span.start).trimEnd().at(-1) ?? "";
  return "([{,=~+-*/%^<>&|!:".includes(before);
}

/** Does a comment need the rest of its line? */
export const isLong = (text: string): boolean => text.startsWith("//") || text.includes("\n");

function preceding(exprs: readonly Expr[], { span }: Comment): Expr | null {
  const earlier = exprs.filter((expr) => expr.span.end <= span.start);
  return earlier.reduce<Expr | null>((best, expr) => (best === null || expr.span.end > best.span.end ? expr : best), null);
}

function following(exprs: readonly Expr[], { span }: Comment): Expr | null {
  const later = exprs.filter((expr) => expr.span.start >= span.end);
  return later.reduce<Expr | null>((best, expr) => (best === null || expr.span.start < best.span.start ? expr : best), null);
}
