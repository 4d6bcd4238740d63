// Operands that are computed together, element by element: which dim of each runs along which loop.

import type { Node } from "../../../ir/node.ts";
import type { Label } from "../program/program.ts";
import type { Value } from "./task.ts";
import { fresh, type State } from "./values.ts";

type Layout = Pick<Node, "axes" | "shape">;

/** `labels`: of the result's dims, from those of the operands: axes by name, event dims from what is computed, else from memory. `along`: the same for the dims
 *  of each operand. */
export function aligned(
  node: Layout,
  operands: readonly { readonly node: Layout; readonly value: Value }[],
  state: State,
): { readonly labels: readonly (Label | null)[]; readonly along: readonly (readonly (Label | null)[])[] } {
  const place = ({ node: from }: { readonly node: Layout }, dim: number): number => {
    if (dim < node.axes.length) return from.axes.indexOf(node.axes[dim]!);
    return from.shape.length === 0 ? -1 : from.axes.length + dim - node.axes.length;
  };
  const taken = new Set<Label>(node.axes);
  const dims = [...node.axes, ...node.shape].map((_, dim) => dim);
  const labels = dims.map((dim): Label | null => {
    const found = operands.flatMap((operand) => {
      const at = place(operand, dim);
      const label = at < 0 ? null : operand.value.dims[at]!.label;
      return label === null ? [] : [{ label, computed: operand.value.kind === "inline" }];
    });
    if (found.length === 0) return null;
    if (dim < node.axes.length) return node.axes[dim]!;
    const best =
      found.filter(({ label }) => !taken.has(label)).sort((a, b) => Number(b.computed) - Number(a.computed))[0]
        ?.label ?? fresh(state);
    taken.add(best);
    return best;
  });
  const along = operands.map((operand) =>
    operand.value.dims.map((_, at) => labels.find((_label, dim) => place(operand, dim) === at) ?? null),
  );
  return { labels, along };
}
