// Draws of elements that have random streams of their own: a value per element, computed where it is read as a map is.

import { numbersAttr, textAttr, textsAttr } from "../../../ir/attrs.ts";
import { isPlate } from "../../../ir/shape.ts";
import { iota } from "../../../op/index.ts";
import { dimsOf, rowMajor } from "../../reference/cell.ts";
import { aligned } from "./aligned.ts";
import { fullSize } from "./noise.ts";
import type { Dim } from "./task.ts";
import { fresh, leafOf, loopsOf, reading, task, type Rule } from "./values.ts";

/** An element's number is that of noise (src/exec/reference/random.ts): row-major over axes of the key that are no plates, plates by their members, event dims. */
export const drawOf: Rule = (node, inputs, state) => {
  const key = { axes: textsAttr(node.attrs, "axes"), shape: numbersAttr(node.attrs, "shape") };
  const own = dimsOf(key, state.sizes).map((size, i): Dim => ({
    size,
    label: size === 1 ? null : (key.axes[i] ?? fresh(state)),
  }));
  const like = { node: key, value: { kind: "number", value: 0, dims: own } } as const;
  const operands = [...node.inputs.map((input, i) => ({ node: input, value: inputs[i]! })), like];
  const sizes = dimsOf(node, state.sizes);
  const { labels, along } = aligned(node, operands, state);
  const ofKey = along.at(-1)!;
  const ordered = [...key.axes.filter((axis) => !isPlate(axis)), ...key.axes.filter(isPlate)];
  const places = [...ordered.map((axis) => key.axes.indexOf(axis)), ...key.shape.map((_, i) => key.axes.length + i)];
  const strides = rowMajor(places.map((at) => fullSize(key.axes[at], own[at]!.size, state)));
  const walks = places.map((at, i) => ({ at, axis: key.axes[at], stride: strides[i]! }));
  const isBatched = ({ axis }: { readonly axis: string | undefined }): boolean =>
    axis !== undefined && isPlate(axis) && state.batched.includes(axis);
  const members = walks.filter(isBatched);
  const made = task(state, {
    kind: "draw",
    op: node.op.name,
    site: textAttr(node.attrs, "site"),
    strides: walks.flatMap((walk) => {
      const label = ofKey[walk.at]!;
      return isBatched(walk) || label === null ? [] : [{ label, stride: walk.stride }];
    }),
    members: members.map(({ stride }) => stride),
    reads: [
      ...inputs.map((value, i) => reading(value, along[i]!, state)),
      ...members.map(({ at, axis }) => reading(leafOf(iota(axis!), state), [ofKey[at]!], state)),
    ],
    space: loopsOf(labels, sizes),
  });
  return { kind: "inline", task: made, dims: sizes.map((size, i) => ({ size, label: labels[i]! })) };
};
