// What an engine prepares for one combination of sizes, outputs and batched axes: made once, and kept for the last few combinations (a fit alternates
// between one draw and many).

import type { Axis } from "../ir/node.ts";
import type { Inputs } from "./engine.ts";
import type { Sizes } from "./reference/cell.ts";

const KEPT = 4;

type Prepared<T> = {
  readonly outputs: readonly string[];
  readonly batched: readonly Axis[];
  readonly sizes: Sizes;
  readonly made: T;
};

export type Make<T> = (outputs: readonly string[], batched: readonly Axis[], sizes: Sizes) => T;

/** Gives what `make` made for a run's sizes and outputs; the least recently used is let go. Runs are short: nothing is made to look one up. */
export function kept<T>(make: Make<T>): (inputs: Inputs, outputs: readonly string[]) => T {
  const all: Prepared<T>[] = [];
  return ({ sizes, members }, outputs) => {
    const batched = members === undefined ? [] : Object.keys(members);
    const at = all.findIndex(
      (own) => sameNames(own.outputs, outputs) && sameNames(own.batched, batched) && sameSizes(own.sizes, sizes),
    );
    if (at === 0) return all[0]!.made;
    const found =
      at < 0
        ? { outputs: [...outputs], batched, sizes: { ...sizes }, made: make(outputs, batched, sizes) }
        : all.splice(at, 1)[0]!;
    all.unshift(found);
    if (all.length > KEPT) all.pop();
    return found.made;
  };
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);

function sameSizes(a: Sizes, b: Sizes): boolean {
  const axes = Object.keys(a);
  return axes.length === Object.keys(b).length && axes.every((axis) => a[axis] === b[axis]);
}
