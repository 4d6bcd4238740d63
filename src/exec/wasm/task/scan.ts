// Recursions: a task whose loop runs one member after the other around the tasks of one step. The trajectory has one member more than there are steps, so
// that the carry of the first step lies where every step reads its own; what a step is given are views of the member that the loop has reached.

import { flagAttr, numberAttr } from "../../../ir/attrs.ts";
import type { MapOp } from "../../../ir/op.ts";
import type { Node } from "../../../ir/node.ts";
import { add } from "../../../op/index.ts";
import { partsOf as partsOfScan } from "../../../op/scan.ts";
import { partsOf } from "../../data-only.ts";
import { dimsOf } from "../../reference/cell.ts";
import { live } from "./live.ts";
import type { Label } from "../program/program.ts";
import { simplest } from "../simple/simplest.ts";
import type { Dim, Value, View } from "./task.ts";
import { allocate, fresh, inMemory, inOrder, loopsOf, type Rule, type State, task, wide } from "./values.ts";

/** Gives every node of `varying` its value, inputs first. */
export type Evaluate = (varying: readonly Node[], known: readonly Node[], state: State) => void;

type Recursion = {
  /** The trajectory, and the dim of it that is run through. */
  readonly node: Node;
  readonly place: number;
  readonly direction: "forward" | "backward";
  /** One member, before the first step. */
  readonly first: Value;
  /** Whatever else the steps read. */
  readonly sources: readonly Value[];
  /** Member `turn` from that before it: adds tasks to the state of a step. */
  readonly step: (carry: View, turn: Label, state: State) => Value;
};

function recursion({ node, place, direction, first, sources, step }: Recursion, state: State): View {
  const turn = fresh(state);
  const dims = dimsOf(node, state.sizes).map((size, i): Dim => ({
    size,
    label: size === 1 ? null : (node.axes[i] ?? fresh(state)),
  }));
  const { size } = dims[place]!;
  const whole = allocate(
    node.op.name,
    dims.with(place, { size: size + 1, label: turn }),
    "largest inside",
    state.buffers,
  );
  const { stride } = whole.dims[place]!;
  const member = (at: number, along: View["along"]): View => ({
    ...whole,
    offset: at * stride,
    dims: whole.dims.toSpliced(place, 1),
    along,
  });
  const [before, now] = direction === "forward" ? [0, 1] : [1, 0];
  const begun = inOrder(first, state, member(direction === "forward" ? 0 : size, []));
  const inner: State = { ...state, tasks: [], values: new Map() };
  const moving = [{ label: turn, stride }];
  const next = inOrder(step(member(before, moving), turn, inner), inner, member(now, moving));
  const made = task(state, {
    kind: "scan",
    order: direction,
    body: live(inner.tasks, [next]),
    reads: [begun, ...sources].map((value) => ({ value, labels: [] })),
    space: [{ label: turn, size }],
  });
  return { ...whole, offset: now * stride, dims: whole.dims.with(place, { ...dims[place]!, stride }), after: [made] };
}

/** The member of a value that a loop has reached, along one of its dims (none: the value itself). */
function memberOf(value: Value, place: number, turn: Label): Value {
  if (place < 0) return value;
  const dims = value.dims.toSpliced(place, 1);
  if (value.kind !== "view") return { ...value, dims };
  const { label, stride } = value.dims[place]!;
  return {
    ...value,
    dims: value.dims.toSpliced(place, 1),
    along: label === null ? value.along : [...value.along, { label: turn, stride }],
  };
}

const outsideLoop = (value: Value, state: State): Value => (value.kind === "number" ? value : inMemory(value, state));

export const scanOf =
  (evaluate: Evaluate): Rule =>
  (node, [first, ...args], state) => {
    const { axis, direction, body, ...from } = partsOfScan(node);
    const axes = node.axes.filter((a) => a !== axis);
    const sources = args.map((value) => outsideLoop(value, state));
    const [result] = simplest([body.result]) as [Node];
    const { varying, known } = partsOf([result], []);
    const { [axis]: _, ...sizes } = state.sizes;
    return recursion(
      {
        node,
        place: node.axes.indexOf(axis),
        direction,
        first: wide(first!, from.first, axes, state),
        sources,
        step: (carry, turn, state) => {
          const members = sources.map((value, i) => memberOf(value, from.args[i]!.axes.indexOf(axis), turn));
          const inner = { ...state, sizes };
          body.slots.forEach((slot, i) => inner.values.set(slot, i === 0 ? carry : members[i - 1]!));
          evaluate(varying, known, inner);
          return wide(inner.values.get(result)!, result, axes, inner);
        },
      },
      state,
    );
  };

/** A running sum is the recursion c + x. */
export const cumsumOf: Rule = (node, [value], state) => {
  const place = node.axes.length + numberAttr(node.attrs, "dim");
  if (value!.dims[place]!.size <= 1) return value!;
  const source = inMemory(value!, state);
  const member = (dims: readonly Dim[]): Dim[] => dims.toSpliced(place, 1).map(({ size }) => ({ size, label: null }));
  return recursion(
    {
      node,
      place,
      direction: flagAttr(node.attrs, "reverse") ? "backward" : "forward",
      first: { kind: "number", value: 0, dims: member(source.dims) },
      sources: [source],
      step: (carry, turn, state) => {
        const labels = carry.dims.map(({ label }) => label);
        const x = memberOf(source, place, turn);
        const made = task(state, {
          kind: "map",
          op: add.op as MapOp,
          reads: [
            { value: carry, labels },
            { value: x, labels },
          ],
          space: loopsOf(
            labels,
            carry.dims.map(({ size }) => size),
          ),
        });
        return { kind: "inline", task: made, dims: carry.dims };
      },
    },
    state,
  );
};
