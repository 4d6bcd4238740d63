// What is read or credited by the one-hot vectors of all states of a site, which lie along an axis of their own, is a
// move between that axis and a dim.

import { numbersAttr, textAttr } from "../ir/attrs.ts";
import type { Axis, Node } from "../ir/node.ts";
import { toAxis, toEvent } from "../op/index.ts";
import { argsOf, type Law } from "./law.ts";

export const lawsOfStates: readonly Law[] = [
  {
    name: "read-by-state",
    because: "Σ_k [k = z] x_k = x_z, for every z",
    on: ["pick"],
    apply: (node) => {
      const [hot, x] = node.inputs as [Node, Node];
      const axis = statesOf(hot);
      return axis === null || x.axes.includes(axis) || x.shape.length !== 1 ? null : toAxis(x, 0, axis);
    },
  },
  {
    name: "credit-by-state",
    because: "Σ_z x_z [k = z] = x_k, for every k",
    on: ["sumAxis"],
    apply: (node) => {
      const [a, b] = argsOf(node.inputs[0]!, "mul") ?? [];
      if (a === undefined || b === undefined) return null;
      const [x, hot] = statesOf(a) === null ? [a, b] : [b, a];
      const axis = statesOf(hot);
      const applies = axis === textAttr(node.attrs, "axis") && x.axes.includes(axis) && x.shape.length === 0;
      return applies ? toEvent(x, axis, 0, hot.shape[0]!) : null;
    },
  },
];

/** The axis along which the rows of an identity matrix lie. */
function statesOf(hot: Node): Axis | null {
  const [rows] = argsOf(hot, "toAxis") ?? [];
  return rows !== undefined && isIdentity(rows) ? textAttr(hot.attrs, "axis") : null;
}

export function isIdentity(x: Node): boolean {
  const n = x.shape[0];
  if (x.op.name !== "constant" || x.shape.length !== 2 || x.shape[1] !== n) return false;
  return numbersAttr(x.attrs, "values").every((v, k) => v === (k % (n! + 1) === 0 ? 1 : 0));
}
