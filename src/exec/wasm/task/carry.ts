// Where outputs lie that become leaves when a step is over: apart from every leaf, since all of them are computed before any leaf is replaced.

import { textAttr } from "../../../ir/attrs.ts";
import type { Node } from "../../../ir/node.ts";
import type { View } from "./task.ts";
import { inMemory, inOrder, type State } from "./values.ts";

/** `leaf`: the name of the `param` leaf that takes the value of `output`. */
export type Carry = { readonly leaf: string; readonly output: Node };

/** `to`: the leaf, null where nothing reads it. */
export type Carried = Carry & { readonly from: View; readonly to: View | null };

export function carriedIn(carries: readonly Carry[], state: State): readonly Carried[] {
  const leaves = new Map(
    [...state.given].flatMap(([{ op, attrs }, view]) =>
      op.name === "param" ? [[textAttr(attrs, "name"), view] as const] : [],
    ),
  );
  return carries.map((carry) => {
    const to = leaves.get(carry.leaf) ?? null;
    return { ...carry, from: apart(carry.output, to, state), to };
  });
}

/** A buffer of the output's own, laid out as the leaf. */
function apart(output: Node, leaf: View | null, state: State): View {
  const view = inMemory(state.values.get(output)!, state);
  const isGiven = [...state.given.values()].some(({ buffer }) => buffer === view.buffer);
  if (!isGiven && (leaf === null || sameLayout(view, leaf, state))) return view;
  if (leaf === null) return inOrder(view, state);
  const { length } = state.buffers[leaf.buffer]!;
  const buffer = state.buffers.push({ name: "next", length }) - 1;
  return inOrder(view, state, { ...leaf, buffer, after: [] });
}

const sameLayout = (a: View, b: View, { buffers }: State): boolean =>
  a.offset === b.offset &&
  buffers[a.buffer]!.length === buffers[b.buffer]!.length &&
  a.dims.every(({ stride }, i) => stride === b.dims[i]!.stride);
