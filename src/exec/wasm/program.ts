// The form between graph and machine: scalar statements in loops over labelled dims. Which loop becomes lanes is the emitter's affair.

import type { MapOp } from "../../ir/op.ts";

/** The name of an axis or of an event dim: what a loop runs over. */
export type Label = string;

/** A number per point of the loops around it. Single assignment. */
export type Id = number;

export type Buffer = { readonly name: string; readonly length: number };

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
      readonly body: readonly Stmt[];
      readonly results: readonly Result[];
    }
  /** A kernel outside the module, which fills a buffer from others. */
  | { readonly do: "host"; readonly kernel: number };

export type Result = { readonly id: Id; readonly of: Id; readonly meet: Meet };

export type Program = { readonly buffers: readonly Buffer[]; readonly body: readonly Stmt[] };
