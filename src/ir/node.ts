// The graph: immutable, hash-consed nodes. A node has a positional event shape and a set of named axes.

import type { Span } from "../base/span.ts";
import type { OpDef } from "./op.ts";

/** A plate, a particle axis, enumerated values, …: the name of a dimension that a modeller never counts. */
export type Axis = string;

export type AttrValue = string | number | boolean | readonly number[] | readonly string[];
export type Attrs = Readonly<Record<string, AttrValue>>;

export type Node = {
  /** Creation order: inputs always have smaller ids than the node. */
  readonly id: number;
  readonly op: OpDef;
  readonly inputs: readonly Node[];
  readonly attrs: Attrs;
  /** Sorted, no repetition. The sizes of axes belong to the run, not to the graph. */
  readonly axes: readonly Axis[];
  /** Event shape: ordered sizes. */
  readonly shape: readonly number[];
  /** The graph that an op owns (`scan`); its own leaves are the slots, so that nothing else of the outside is in it. */
  readonly body: Body | null;
};

/** One step of a recursion: slot 0 is the carry, slot i the i-th argument. */
export type Body = { readonly result: Node; readonly slots: readonly Node[] };

/** The statement that first built a node. It lies beside the graph, since equal nodes of two statements (and of two
 *  models) are one. */
export type Origins = ReadonlyMap<Node, Span>;

export type Graph = { readonly outputs: Readonly<Record<string, Node>>; readonly origins?: Origins };
