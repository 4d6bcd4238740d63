// What an engine prepares for one combination of sizes, outputs and batched axes: made once, and kept for the last few combinations (a fit alternates
// between one draw and many).

import type { Axis } from "../ir/node.ts";
import type { Inputs, Iteration } from "./engine.ts";
import type { Sizes } from "./reference/cell.ts";

const KEPT = 8;

/** What something is prepared for. */
export type Frame = {
  readonly outputs: readonly string[];
  /** Axes whose members a run names. */
  readonly batched: readonly Axis[];
  readonly sizes: Sizes;
  /** How many members batched axes have in all. */
  readonly fullSizes: Sizes;
  /** Sites whose noise a run supplies. */
  readonly supplied: readonly string[];
  /** Null where a call is one step. */
  readonly iteration: Iteration | null;
};

/** Gives what `make` made for a run's frame; the least recently used is let go. Runs are short: nothing is made to look one up. */
export function kept<T>(
  make: (frame: Frame) => T,
): (inputs: Inputs, outputs: readonly string[], iteration?: Iteration) => T {
  const all: { readonly frame: Frame; readonly made: T }[] = [];
  return ({ sizes, members, fullSizes = NOTHING, noise }, outputs, iteration) => {
    const batches = members ?? iteration?.batches;
    const batched = batches === undefined ? NONE : Object.keys(batches);
    const supplied = noise === undefined ? NONE : Object.keys(noise);
    const at = all.findIndex(
      ({ frame: own }) =>
        sameNames(own.outputs, outputs) &&
        sameNames(own.batched, batched) &&
        sameNames(own.supplied, supplied) &&
        sameEntries(own.sizes, sizes) &&
        sameEntries(own.fullSizes, fullSizes) &&
        sameIteration(own.iteration, iteration ?? null),
    );
    if (at === 0) return all[0]!.made;
    const frame = {
      outputs: [...outputs],
      batched,
      sizes: { ...sizes },
      fullSizes: { ...fullSizes },
      supplied,
      iteration: iteration ?? null,
    };
    const found = at < 0 ? { frame, made: make(frame) } : all.splice(at, 1)[0]!;
    all.unshift(found);
    if (all.length > KEPT) all.pop();
    return found.made;
  };
}

const NOTHING: Sizes = {};
const NONE: readonly string[] = [];
const NO_BATCHES: Entries = {};

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);

type Entries = Readonly<Record<string, string | number>>;

function sameEntries(a: Entries, b: Entries): boolean {
  const names = Object.keys(a);
  return a === b || (names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]));
}

const sameIteration = (a: Iteration | null, b: Iteration | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    sameEntries(a.carry, b.carry) &&
    sameEntries(a.batches ?? NO_BATCHES, b.batches ?? NO_BATCHES) &&
    sameNames(a.record, b.record));
