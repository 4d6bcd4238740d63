// Which entries of an array the statements that observe it cover.

import { sizeOf } from "../ir/shape.ts";
import type { Node } from "../ir/node.ts";
import type { ObserveStmt, PlateAxis } from "../model/model.ts";
import { observedRead } from "../model/observed.ts";
import { constant, scalar, select, toEvent } from "../op/index.ts";
import { evaluateArray } from "./expr.ts";
import { dataGuard, valuesOf, type Guard, type Guarded, type Scope } from "./scope.ts";
import { arrayValue } from "./value.ts";

export type Positions = {
  /** Of the array that is observed. */
  readonly shape: readonly number[];
  /** Entry i of the statement (plates in front, row-major) is entry `at[i]` of the array; -1 where the statement does
   *  not exist. */
  readonly at: Int32Array;
};

/** A member's value as the whole of one draw: plates in front, in the order written. */
export const wholeOf = (member: Node, plates: readonly PlateAxis[], { sizeOf: size }: Scope): Node =>
  plates.reduceRight((x, { axis, dim }) => toEvent(x, axis, 0, size(dim)), member);

/** The statement's value is evaluated with every entry of the array that it observes replaced by its own position;
 *  conditions read the data. */
export function positionsOf({ value, plates }: ObserveStmt, guards: readonly Guard[], scope: Scope): Positions {
  const { read, symbol } = observedRead(value);
  const shape = shapeOf(value, scope);
  const numbers = constant([...Array(sizeOf(shape)).keys()], shape);
  const guard = dataGuard(guards, scope);
  const numbered: Scope = { ...scope, report: [], checks: [], batched: new Set() };
  const { node } = evaluateArray(read, { scope: numbered, locals: new Map([[symbol, arrayValue(numbers)]]), guard });
  const there = guard === null ? node : select(guard, node, scalar(-1));
  return { shape, at: Int32Array.from(valuesOf(wholeOf(there, plates, scope), scope.known)) };
}

/** The shape of what an `observe` observes a part of. */
function shapeOf(value: ObserveStmt["value"], scope: Scope): readonly number[] {
  const { read, symbol } = observedRead(value);
  const array = scope.known.arrays[symbol.name];
  return symbol.kind === "data" && array !== undefined
    ? array.shape
    : evaluateArray({ ...read, kind: "name", symbol }, { scope, locals: new Map(), guard: null }).node.shape;
}

/** The first position that covers each of `size` entries; -1 where none does. */
export function slotsOf(at: readonly number[] | Int32Array, size: number): Int32Array {
  const slots = new Int32Array(size).fill(-1);
  at.forEach((entry, slot) => {
    if (entry >= 0 && slots[entry] === -1) slots[entry] = slot;
  });
  return slots;
}

/** 1 for the missing entries of an array to which a statement gives a density. */
export function coveredEntries(
  missing: Uint8Array,
  observers: readonly Guarded<ObserveStmt>[],
  scope: Scope,
): Uint8Array {
  const covered = new Uint8Array(missing.length);
  for (const { stmt, guards } of observers)
    for (const at of positionsOf(stmt, guards, scope).at) if (at >= 0) covered[at] = missing[at]!;
  return covered;
}
