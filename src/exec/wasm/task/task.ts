// What a graph becomes before loops are made: tasks over labelled spaces, which read values that are computed in the same loop or lie in memory.

import type { MapOp } from "../../../ir/op.ts";
import type { Id, Label, Meet, Order, Stmt } from "../program/program.ts";

/** A dim of a value. Without a label the value is constant along it. */
export type Dim = { readonly label: Label | null; readonly size: number };

/** Numbers in memory, at `offset` plus the position along each dim times its stride. They are there once the tasks `after` are done. */
export type View = {
  readonly kind: "view";
  readonly buffer: number;
  readonly offset: number;
  readonly dims: readonly (Dim & { readonly stride: number })[];
  /** The same along loops that run one after the other around all that reads the view: members of a recursion. */
  readonly along: readonly { readonly label: Label; readonly stride: number }[];
  readonly after: readonly Task[];
};

/** The result of a task, where it is computed. */
export type Inline = { readonly kind: "inline"; readonly task: Task; readonly dims: readonly Dim[] };

export type Constant = { readonly kind: "number"; readonly value: number; readonly dims: readonly Dim[] };

/** Dims: the axes of the node, then its event dims. */
export type Value = View | Inline | Constant;

/** `labels[i]`: the label of the task along which dim i of the value runs. */
export type Read = { readonly value: Value; readonly labels: readonly (Label | null)[] };

/** `isFolded`: inside others of its size. */
export type Loop = { readonly label: Label; readonly size: number; readonly isFolded?: boolean };

type Common = {
  readonly number: number;
  readonly reads: readonly Read[];
  /** What the task runs over. */
  space: readonly Loop[];
  /** Where the result is kept, if anything outside the loop reads it: set when that is found out. */
  target: View | null;
};

export type Task = Common &
  (
    | { readonly kind: "map"; readonly op: MapOp }
    /** The value itself: from memory to memory. */
    | { readonly kind: "copy" }
    /** By the sampler of an op, of the elements of a site: their numbers by the labels of their dims, or by the last reads, which are members. */
    | {
        readonly kind: "draw";
        readonly op: string;
        readonly site: string;
        readonly strides: readonly { readonly label: Label; readonly stride: number }[];
        /** Of the last reads. */
        readonly members: readonly number[];
      }
    /** `by`: the read whose value is the index; the other is the source. */
    | { readonly kind: "gather"; readonly stride: number; readonly count: number }
    | { readonly kind: "fold"; readonly meet: Meet; readonly reduced: readonly Label[] }
    | { readonly kind: "scatter"; readonly stride: number; readonly count: number; readonly reduced: readonly Label[] }
    /** A recursion: the tasks of one step, which read and write the members that its one loop names. */
    | { readonly kind: "scan"; readonly order: Order; readonly body: readonly Task[] }
    /** Loops of its own. */
    | { readonly kind: "nest"; readonly write: (nextId: () => Id) => readonly Stmt[] }
  );
