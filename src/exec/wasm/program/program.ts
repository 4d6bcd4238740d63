// The form between graph and machine: scalar statements in loops over labelled dims. Which loop becomes lanes is the emitter's affair.

import type { MapOp } from "../../../ir/op.ts";

/** The name of an axis or of an event dim: what a loop runs over. */
export type Label = string;

/** A number per point of the loops around it. Single assignment. */
export type Id = number;

/** `own`: every turn of this loop has a buffer of its own. */
export type Buffer = { readonly name: string; readonly length: number; readonly own?: Label };

/** An element of a buffer: `offset` plus the position in each loop times its stride, plus indices times theirs. An index outside 0 … count - 1 reads
 *  NaN and writes nothing. */
export type At = {
  readonly buffer: number;
  readonly offset: number;
  readonly strides: Readonly<Record<Label, number>>;
  readonly by: { readonly index: Id; readonly stride: number; readonly count: number } | null;
};

/** How values meet: "sum" from 0, "prod" from 1, "max" from -inf, "min" from inf. */
export type Meet = "sum" | "prod" | "max" | "min";

export const IDENTITY: Readonly<Record<Meet, number>> = { sum: 0, prod: 1, max: -Infinity, min: Infinity };

/** "any": the turns of a loop do not read each other, so that several may run at once; "each": so they are, but loops inside it are to be lanes. */
export type Order = "any" | "each" | "forward" | "backward";

/** The turns after that of one loop around, and those before that of another. */
export type Within = { readonly after: Label | null; readonly before: Label | null };

/** The turns of a part: so many, from its number times as many on. */
export type Piece = { readonly part: Label; readonly size: number };

export type Stmt =
  | { readonly do: "let"; readonly id: Id; readonly op: MapOp; readonly args: readonly Id[] }
  | { readonly do: "number"; readonly id: Id; readonly value: number }
  | { readonly do: "load"; readonly id: Id; readonly at: At }
  | { readonly do: "store"; readonly at: At; readonly value: Id }
  /** Several points may meet in one element of memory. */
  | { readonly do: "meet"; readonly at: At; readonly value: Id; readonly meet: Meet }
  | { readonly do: "fill"; readonly buffer: number; readonly value: number }
  /** `results`: what values of the body come to over the loop, known after it. */
  | {
      readonly do: "for";
      readonly label: Label;
      readonly count: number;
      readonly order: Order;
      /** Null: all turns. */
      readonly within: Within | Piece | null;
      /** Where this is 0, not one turn; such a loop has no results. */
      readonly when?: Id;
      readonly body: readonly Stmt[];
      readonly results: readonly Result[];
    }
  /** Parts that may run at once and in any order: none reads or writes what another writes. Values of outside are not known in them, nor theirs outside. */
  | { readonly do: "parts"; readonly label: Label; readonly count: number; readonly body: readonly Stmt[] }
  /** A draw of the sampler of an op, from the stream of an element of a site at the run's seed and step. */
  | {
      readonly do: "draw";
      readonly id: Id;
      readonly op: string;
      readonly site: string;
      readonly element: Element;
      readonly args: readonly Id[];
    }
  /** Fills buffers with base noise of the run's seed and step. */
  | { readonly do: "noise"; readonly noises: readonly Noise[] };

/** The number of an element: `offset` plus the position in each loop times its stride, plus members of batched axes times theirs. */
export type Element = {
  readonly offset: number;
  readonly strides: Readonly<Record<Label, number>>;
  readonly members: readonly { readonly id: Id; readonly stride: number }[];
};

/** Numbers of noise that are made at once. */
export const NOISE_BLOCK = 16;

/** Base noise of a site. `dims`, in the order of the buffer: the number of an element's noise is the sum over them of its position, or of its entry of
 *  `members`, times the stride. Where all members are there that is its place in the buffer; else `words` has room for two words per element. The buffer
 *  has room for whole blocks. */
export type Noise = {
  readonly kind: "normal" | "uniform";
  readonly site: string;
  readonly buffer: number;
  readonly dims: readonly { readonly count: number; readonly stride: number; readonly members: number | null }[];
  readonly words: number | null;
  /** Where all members are there: the blocks of a part, or only what no whole block holds. */
  readonly within?: Piece | "end";
};

/** `each`: what is summed is this function of the value: what softplus is above max(x, 0), log(1 + e^-|x|). */
export type Result = { readonly id: Id; readonly of: Id; readonly meet: Meet; readonly each?: "excess" };

export type Program = { readonly buffers: readonly Buffer[]; readonly body: readonly Stmt[] };

/** Elements of a noise. */
export const lengthOf = ({ dims }: Noise): number => dims.reduce((length, { count }) => length * count, 1);
