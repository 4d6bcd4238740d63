// Locations and scales: what standardising takes back, and constants before one another.

import type { Node } from "../ir/node.ts";
import { mul } from "../op/index.ts";
import { argOf, argsOf, type Facts, type Law } from "./law.ts";

/** The other operand of a node of that op, in either order; else `null`. */
function besides(node: Node, op: "add" | "mul", one: (x: Node) => boolean): Node | null {
  const [a, b] = argsOf(node, op) ?? [];
  if (a === undefined) return null;
  return one(a) ? b! : one(b!) ? a : null;
}

/** x of (m + eᵘ x) - m. */
function standardised(difference: Node, u: Node): Node | null {
  const [moved, m] = argsOf(difference, "sub") ?? [];
  const scaled = moved === undefined ? null : besides(moved, "add", (x) => x === m);
  return scaled && besides(scaled, "mul", (x) => argOf(x, "exp") === u);
}

const sameExtent = (x: Node, y: Node): boolean =>
  x.axes.length === y.axes.length && x.shape.length === y.shape.length && y.axes.every((axis) => x.axes.includes(axis));

const isNumber = (x: Node, { fixed }: Facts): boolean => x.axes.length === 0 && x.shape.length === 0 && fixed(x);

export const lawsOfScales: readonly Law[] = [
  {
    name: "standardised-draw",
    because: "((m + eᵘ x) - m) e⁻ᵘ = x",
    on: ["mul"],
    apply: (node) => {
      for (const [difference, scale] of [node.inputs, [...node.inputs].reverse()] as [Node, Node][]) {
        const power = argOf(scale, "exp");
        const u = power && argOf(power, "neg");
        const x = u && standardised(difference, u);
        if (x && sameExtent(x, node)) return x;
      }
      return null;
    },
  },
  {
    name: "constants-together",
    because: "c (d x) = (c d) x where c and d are numbers that no parameter changes",
    on: ["mul"],
    apply: ({ inputs }, facts) => {
      for (const [c, y] of [inputs, [...inputs].reverse()] as [Node, Node][]) {
        if (!isNumber(c, facts) || facts.fixed(y)) continue;
        const d = argsOf(y, "mul")?.find((own) => isNumber(own, facts));
        if (d !== undefined)
          return mul(
            mul(c, d),
            besides(y, "mul", (own) => own === d)!,
          );
      }
      return null;
    },
  },
];
