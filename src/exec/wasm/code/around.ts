// What the code around a statement has made known: locals of values, positions and addresses, and which lanes count.

import { ice } from "../../../base/ice.ts";
import { get, int, intAdd, intMul, local, set, type Machine } from "./machine.ts";
import type { Func } from "./module.ts";
import type { At, Buffer, Id, Label } from "../program/program.ts";

/** The loop that is lanes, and how many of them count: fewer than all in its last turn. `ahead`: by how many turns the first lane is ahead of the loop's
 *  counter, where a turn of the code takes several vectors. */
export type Vector = { readonly label: Label; readonly active: number; readonly ahead: number };

/** The part that the code is of. `number`, `scratch`: locals of its number, and of the bytes before its own scratch memory. */
export type Part = { readonly label: Label; readonly number: number; readonly scratch: number };

export type Around = {
  readonly m: Machine;
  /** Where each buffer begins, in bytes. */
  readonly places: readonly number[];
  readonly buffers: readonly Buffer[];
  /** Buffers of whole numbers from 0, and the smallest number above them. */
  readonly whole: ReadonlyMap<number, number>;
  /** Where the values of indices are read: what is made of an index once, where it becomes known. */
  readonly uses: ReadonlyMap<Id, readonly NonNullable<At["by"]>[]>;
  /** Locals of ids. */
  readonly ids: Map<Id, number>;
  /** Numbers that an id is below, and a whole number from 0. */
  readonly below: Map<Id, number>;
  readonly indices: Map<string, Index>;
  /** Locals of the positions of loops. */
  readonly counters: ReadonlyMap<Label, number>;
  /** Locals of bytes that are known here, by the strides that give them. */
  readonly addresses: Map<string, number>;
  /** Where buffers that a loop gathers lane by lane are meanwhile. */
  readonly gathered: ReadonlyMap<number, number>;
  /** Where buffers of the turns that are lanes are. */
  readonly own: ReadonlyMap<number, number>;
  /** Where scratch memory begins. */
  readonly scratch: number;
  /** Null outside of parts. */
  readonly part: Part | null;
  /** The code of all parts. */
  readonly parts: Func[];
  /** Null outside of loops. */
  readonly vector: Vector | null;
};

/** An index as addresses: bytes from the first element, a local for each lane that counts. `valid`: mask of the lanes that name an element; null: all
 *  do. */
export type Index = { readonly valid: number | null; readonly bytes: readonly number[] };

/** Inside a loop: what becomes known there is not known after it. */
export const within = (around: Around, changed: Partial<Around>): Around => ({
  ...around,
  ids: new Map(around.ids),
  below: new Map(around.below),
  indices: new Map(around.indices),
  addresses: new Map(around.addresses),
  ...changed,
});

/** Moves the address on the stack into the scratch memory of the part. */
export function inOwnScratch({ m, part }: Around): void {
  if (part === null) return;
  get(m, part.scratch);
  intAdd(m);
}

export const idOf = (id: Id, { ids }: Around): number => ids.get(id) ?? ice(`no value ${id}`);

export const isFull = ({ m, vector }: Around): boolean => vector?.active === m.lanes.count;

/** Lanes that hold numbers of their own. */
export const activeLanes = ({ vector }: Around): number => vector?.active ?? 1;

/** A local of the position in a loop times a stride, in bytes. */
function along(label: Label, stride: number, { m, counters, addresses }: Around): number {
  const key = `${label} ${stride}`;
  const known = addresses.get(key);
  if (known !== undefined) return known;
  get(m, counters.get(label) ?? ice(`no loop over ${label}`));
  int(m, stride * m.lanes.bytes);
  intMul(m);
  return named(key, { m, addresses });
}

function named(key: string, { m, addresses }: Pick<Around, "m" | "addresses">): number {
  const own = local(m, "i32");
  set(m, own);
  addresses.set(key, own);
  return own;
}

/** A local of the bytes from the beginning of a buffer to the element of the first lane, without what stands in the instruction; null: none. */
export function addressOf({ strides }: Pick<At, "strides">, around: Around): number | null {
  const parts = Object.entries(strides);
  if (parts.length === 0) return null;
  const key = parts
    .map(([label, stride]) => `${label} ${stride}`)
    .sort()
    .join();
  const known = around.addresses.get(key);
  if (known !== undefined) return known;
  const terms = parts.map(([label, stride]) => along(label, stride, around));
  if (terms.length === 1) return terms[0]!;
  terms.forEach((term, i) => {
    get(around.m, term);
    if (i > 0) intAdd(around.m);
  });
  return named(key, around);
}

/** The strides at which statements walk along each loop: their products are made where the loop's position is known, outside of loops inside it. */
export function products(label: Label, strides: Iterable<number>, around: Around): void {
  for (const stride of strides) along(label, stride, around);
}
