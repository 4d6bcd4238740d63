// Loops written by hand, for ops that are no map or fold: a writer of statements over places, where a place is a loop around or a number. Loops of few turns
// are written out, so that small matrices are straight code.

import { ice } from "../../../base/ice.ts";
import type { MapOp } from "../../../ir/op.ts";
import { add, maximum, minimum, mul } from "../../../op/index.ts";
import { IDENTITY, type At, type Id, type Label, type Meet, type Order, type Stmt } from "../program/program.ts";

export type Place = Label | number;

export type Writer = {
  readonly body: Stmt[];
  /** Ids and names of loops that nobody has. */
  readonly nextId: () => Id;
  readonly nextLabel: () => Label;
};

/** The places of a loop: all, or those after one and before another. */
export type Range = {
  readonly count: number;
  readonly order?: Order;
  readonly after?: Place;
  readonly before?: Place;
};

/** Loops of at most so many turns are written out. */
const WRITTEN_OUT = 4;

export function read(w: Writer, at: At): Id {
  const id = w.nextId();
  w.body.push({ do: "load", id, at });
  return id;
}

export const write = (w: Writer, at: At, value: Id): void => void w.body.push({ do: "store", at, value });

export function numberOf(w: Writer, value: number): Id {
  const id = w.nextId();
  w.body.push({ do: "number", id, value });
  return id;
}

/** The value of a pointwise op: of a row of the table, by its builder. */
export function apply(w: Writer, { op }: { readonly op: unknown }, ...args: readonly Id[]): Id {
  const id = w.nextId();
  w.body.push({ do: "let", id, op: op as MapOp, args });
  return id;
}

/** The places as numbers, where the loop is written out. */
function places({ count, order, after = -1, before = count }: Range): readonly number[] | null {
  if (count > WRITTEN_OUT || typeof after !== "number" || typeof before !== "number") return null;
  const all = Array.from({ length: Math.max(0, before - after - 1) }, (_, i) => after + 1 + i);
  return order === "backward" ? all.reverse() : all;
}

type Body<T> = (at: Place, w: Writer) => T;

function rolled<T>(
  w: Writer,
  { count, order = "any", after, before }: Range,
  body: Body<T>,
): { for: Stmt & { do: "for" }; found: T } {
  const label = w.nextLabel();
  const inside: Stmt[] = [];
  const found = body(label, { ...w, body: inside });
  const bound = (place: Place | undefined): Label | null =>
    typeof place === "number" ? ice("a bound of a loop is a loop") : (place ?? null);
  const within = after === undefined && before === undefined ? null : { after: bound(after), before: bound(before) };
  return { for: { do: "for", label, count, order, within, body: inside, results: [] }, found };
}

export function loop(w: Writer, range: Range, body: Body<void>): void {
  const all = places(range);
  if (all === null) w.body.push(rolled(w, range, body).for);
  else for (const at of all) body(at, w);
}

const COMBINE = { sum: add, prod: mul, max: maximum, min: minimum };

/** A loop that is not written out, however short it is. */
export const turns = (w: Writer, range: Range, body: Body<void>): void => void w.body.push(rolled(w, range, body).for);

/** What the values of a loop's turns come to. */
export function total(w: Writer, range: Range, meet: Meet, body: Body<Id>): Id {
  const all = places(range);
  if (all === null) return totals(w, range, meet, (at, w) => [body(at, w)])[0]!;
  const values = all.map((at) => body(at, w));
  return values.length === 0 ? numberOf(w, IDENTITY[meet]) : values.reduce((a, b) => apply(w, COMBINE[meet], a, b));
}

/** The same for several values of each turn, in a loop that is never written out. */
export function totals(w: Writer, range: Range, meet: Meet, body: Body<readonly Id[]>): readonly Id[] {
  const { for: made, found } = rolled(w, range, body);
  const results = found.map((of) => ({ id: w.nextId(), of, meet }));
  w.body.push({ ...made, results });
  return results.map(({ id }) => id);
}
