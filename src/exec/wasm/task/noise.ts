// Base noise as something that the module makes: a buffer in the order of the numbers of the noise (src/exec/random.ts), so that neighbours share counters.

import { numbersAttr, textAttr } from "../../../ir/attrs.ts";
import type { Axis } from "../../../ir/node.ts";
import { isPlate, sizeOf } from "../../../ir/shape.ts";
import { iota } from "../../../op/index.ts";
import { dimsOf, rowMajor } from "../../reference/cell.ts";
import { NOISE_BLOCK } from "../program/program.ts";
import { fresh, given, leafOf, type Rule, type State } from "./values.ts";

const padded = (length: number): number => Math.ceil(length / NOISE_BLOCK) * NOISE_BLOCK;

/** Where the run does not supply it, the noise is a statement's. Order: axes that are no plates, plates, event dims. */
export const noiseOf: Rule = (node, _, state) => {
  const site = textAttr(node.attrs, "site");
  if (state.supplied.includes(site)) return given(node, state);
  const { axes } = node;
  const sizes = dimsOf(node, state.sizes);
  const ordered = [
    ...[...axes.filter((axis) => !isPlate(axis)), ...axes.filter(isPlate)].map((axis) => axes.indexOf(axis)),
    ...numbersAttr(node.attrs, "shape").map((_size, i) => axes.length + i),
  ];
  const counts = ordered.map((at) => sizes[at]!);
  const inAll = rowMajor(ordered.map((at) => fullSize(axes[at], sizes[at]!, state)));
  const dims = counts.map((count, i) => ({ count, stride: inAll[i]!, members: membersOf(axes[ordered[i]!], state) }));
  const length = sizeOf(counts);
  const isWhole = dims.every(({ members }) => members === null) && String(inAll) === String(rowMajor(counts));
  const buffer = allocated(`noise ${site}`, padded(length), state);
  const words = isWhole ? null : allocated(`words of ${site}`, 2 * padded(length), state);
  state.noises.push({
    kind: textAttr(node.attrs, "kind") === "normal" ? "normal" : "uniform",
    site,
    buffer,
    dims,
    words,
  });
  const strides = rowMajor(counts);
  return {
    kind: "view",
    buffer,
    offset: 0,
    dims: sizes.map((size, at) => ({
      size,
      label: size === 1 ? null : (axes[at] ?? fresh(state)),
      stride: strides[ordered.indexOf(at)]!,
    })),
    along: [],
    after: [],
  };
};

export const fullSize = (axis: Axis | undefined, present: number, { fullSizes }: State): number =>
  (axis !== undefined && isPlate(axis) ? fullSizes[axis] : undefined) ?? present;

/** The buffer of the members that are present, of a batched plate. */
const membersOf = (axis: Axis | undefined, state: State): number | null =>
  axis !== undefined && isPlate(axis) && state.batched.includes(axis) ? leafOf(iota(axis), state).buffer : null;

function allocated(name: string, length: number, { buffers }: State): number {
  buffers.push({ name, length });
  return buffers.length - 1;
}
