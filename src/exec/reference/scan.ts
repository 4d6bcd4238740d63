// Scans: the steps of a body, prepared once, run member after member. Memory is the trajectory and one step.

import { topological } from "../../ir/walk.ts";
import { courseOf, partsOf } from "../../op/scan.ts";
import { axisStride, axisStrides, cellOf, eventStrides, type Cell, type Kernel, type Sizes } from "./cell.ts";
import { walker } from "./nest.ts";
import { lengthOf, planOf } from "./plan.ts";

export const scanKernel: Kernel = (out, [first, ...args], sizes) => {
  const { axis, size, direction, body } = partsOf(out.node);
  const { [axis]: _, ...within } = sizes;
  const slots = body.slots.map((slot) => cellOf(slot, within, new Float64Array(lengthOf(slot, within))));
  const ready = new Map(body.slots.map((slot, i) => [slot, slots[i]!.values]));
  const plan = planOf(topological([body.result]), { result: body.result }, within, ready);
  const result = plan.outputs[0]![1];
  const [carry, ...places] = slots as [Cell, ...Cell[]];
  const start = copier(first!, carry, null);
  const given = args.map((arg, i) => copier(arg, places[i]!, axis));
  const next = copier(result, carry, null);
  const kept = keeper(result, out, axis, within);
  return (inputs) => {
    start(0);
    for (let i = 0; i < size; i++) {
      const t = direction === "forward" ? i : size - 1 - i;
      for (const copy of given) copy(t);
      for (const step of plan.steps) step(inputs);
      kept(t);
      next(0);
    }
  };
};

/** The carry before every step: each member of the trajectory one step later. */
export const beforeKernel: Kernel = (out, [x, first], sizes) => {
  const { axis, size, direction } = courseOf(out.node);
  const { [axis]: _, ...within } = sizes;
  const axes = out.node.axes.filter((a) => a !== axis);
  const dims = [...axes.map((a) => within[a]!), ...out.node.shape];
  const member = axisStride(out, axis);
  const [begin, onward] = direction === "forward" ? [0, 1] : [size - 1, -1];
  const to = [...axisStrides(out, axes), ...eventStrides(out)];
  const from = (cell: Cell, step: number): End => [cell, [...axisStrides(cell, axes), ...eventStrides(cell)], step];
  const start = mover(dims, [out, to, member], from(first!, 0));
  const later = mover(dims, [out, to, member], from(x!, axisStride(x!, axis)), onward);
  return () => {
    start(begin);
    for (let t = 0; t < size; t++) if (t + onward >= 0 && t + onward < size) later(t);
  };
};

/** Copies member t of `from` along `axis` (all of it where that is null) into the dense `to`. */
function copier(from: Cell, to: Cell, axis: string | null): (t: number) => void {
  const strides = [...axisStrides(from, to.node.axes), ...eventStrides(from)];
  return mover(to.sizes, [to, to.strides, 0], [from, strides, axis === null ? 0 : axisStride(from, axis)]);
}

/** Copies a step's result into member t of the trajectory. */
function keeper(result: Cell, out: Cell, axis: string, within: Sizes): (t: number) => void {
  const axes = out.node.axes.filter((a) => a !== axis);
  const sizes = [...axes.map((a) => within[a]!), ...out.node.shape];
  const into = [...axisStrides(out, axes), ...eventStrides(out)];
  const from = [...axisStrides(result, axes), ...eventStrides(result)];
  return mover(sizes, [out, into, axisStride(out, axis)], [result, from, 0]);
}

/** A cell, its strides along the loops, and the stride of the member t. */
type End = readonly [cell: Cell, strides: readonly number[], member: number];

/** `later`: so many members further on in what is written. */
function mover(
  sizes: readonly number[],
  [to, toStrides, toMember]: End,
  [from, fromStrides, fromMember]: End,
  later = 0,
): (t: number) => void {
  const begin = [0, 0];
  const walk = walker(
    { sizes, strides: [toStrides, fromStrides] },
    (n, at, step) => {
      for (let k = 0, o = at[0]!, i = at[1]!; k < n; k++, o += step[0]!, i += step[1]!) to.values[o] = from.values[i]!;
    },
    begin,
  );
  return (t) => {
    begin[0] = (t + later) * toMember;
    begin[1] = t * fromMember;
    walk();
  };
}
