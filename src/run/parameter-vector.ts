// Graphs over the leaves of a guide as graphs over one leaf, which holds all of them one after the other.

import { numberAttr, textAttr } from "../ir/attrs.ts";
import type { Node } from "../ir/node.ts";
import { topological } from "../ir/walk.ts";
import type { Leaf } from "../build/state.ts";
import { concat, exp, fill, reshape, slice, toEvent } from "../op/index.ts";
import { substitute } from "../pass/substitute.ts";
import { allParameters, type Direction } from "./ascent-graph.ts";
import { totalSize } from "./graphs.ts";

/** Value, gradients and score gradients (as `grad <leaf>`) of a step on that leaf. */
export function asVector(
  leaves: readonly Leaf[],
  root: Node,
  gradient: Readonly<Record<string, Node>>,
  score: Readonly<Record<string, Node>> | null,
): Direction {
  const size = totalSize(leaves);
  const all = allParameters(size);
  let at = 0;
  const partOf = ({ node, size: own }: Leaf): Node => reshape(slice(all, 0, (at += own) - own, own), node.shape);
  const joined = (entries: Readonly<Record<string, Node>>): Node =>
    oneAfterTheOther(leaves.map(({ name, size: own }) => reshape(entries[`grad ${name}`]!, [own])));
  const roots = [root, joined(gradient), unitsOf(leaves, root), ...(score === null ? [] : [joined(score)])];
  const parts = new Map(leaves.map((leaf) => [leaf.node, partOf(leaf)]));
  const [value, direction, units, c = null] = substitute(roots, parts) as [Node, Node, Node, Node?];
  return { value, gradient: direction, units, score: c };
}

const oneAfterTheOther = (parts: readonly Node[]): Node => (parts.length === 0 ? fill(0, [], [0]) : concat(parts, 0));

/** The guide's sd for every entry of a Gaussian location, else 1. */
function unitsOf(leaves: readonly Leaf[], root: Node): Node {
  const below = topological([root]);
  return oneAfterTheOther(
    leaves.map(({ scaledBy, size }) => {
      const scale = leaves.find(({ name }) => name === scaledBy);
      return scale === undefined ? fill(1, [], [size]) : reshape(exponentialOf(scale.node, below), [size]);
    }),
  );
}

/** e^leaf. Where the graph has it under other dims it is that one, moved back: it is not computed twice. */
function exponentialOf(leaf: Node, below: readonly Node[]): Node {
  for (const node of below) {
    if (node.op !== exp.op) continue;
    const back = movedBack(node, node.inputs[0]!, leaf);
    if (back !== null) return back;
  }
  return exp(leaf);
}

/** `result` under the dims of `leaf`, if `moved` is that leaf under other ones; else null. */
function movedBack(result: Node, moved: Node, leaf: Node): Node | null {
  if (moved === leaf) return result;
  const from = moved.inputs[0];
  if (moved.op.name === "reshape") return movedBack(reshape(result, from!.shape), from!, leaf);
  if (moved.op.name !== "toAxis") return null;
  const [axis, dim] = [textAttr(moved.attrs, "axis"), numberAttr(moved.attrs, "dim")];
  return movedBack(toEvent(result, axis, dim, from!.shape[dim]!), from!, leaf);
}
