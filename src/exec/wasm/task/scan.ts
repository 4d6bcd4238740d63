// Recursions: a task whose loop runs one member after the other around the tasks of one step. The trajectory has one member more than there are steps, so
// that the carry of the first step lies where every step reads its own; what a step is given are views of the member that the loop has reached.

import { flagAttr, numberAttr, textAttr } from "../../../ir/attrs.ts";
import type { MapOp } from "../../../ir/op.ts";
import type { Node } from "../../../ir/node.ts";
import { add, previous } from "../../../op/index.ts";
import { courseOf, partsOf as partsOfScan } from "../../../op/scan.ts";
import { partsOf } from "../../data-only.ts";
import { dimsOf } from "../../reference/cell.ts";
import { live } from "./live.ts";
import type { Label } from "../program/program.ts";
import { simplest } from "../simple/simplest.ts";
import { reducedOf } from "../program/levels.ts";
import type { Dim, Task, Value, View } from "./task.ts";
import {
  allocate,
  fresh,
  inMemory,
  inOrder,
  loopsOf,
  type Rule,
  type State,
  task,
  uniqueDims,
  wide,
} from "./values.ts";

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
  /** Member `turn` from that before it, in parts along a dim: adds tasks to the state of a step. */
  readonly step: (carry: View, turn: Label, state: State) => Joined;
};

/** Values one after the other along a dim. */
type Joined = { readonly parts: readonly Value[]; readonly dim: number };

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
  const next = joined(step(member(before, moving), turn, inner), member(now, moving), inner);
  const body = live(inner.tasks, next);
  foldedInside(body);
  const made = task(state, {
    kind: "scan",
    order: direction,
    body,
    reads: [begun, ...sources].map((value) => ({ value, labels: [] })),
    space: [{ label: turn, size }],
  });
  state.trajectories.set(whole.buffer, { axis: node.axes[place] ?? null, direction });
  return { ...whole, offset: now * stride, dims: whole.dims.with(place, { ...dims[place]!, stride }), after: [made] };
}

/** Stores parts in the places of a view. */
function joined({ parts, dim }: Joined, into: View, state: State): readonly View[] {
  let start = 0;
  return parts.map((value) => {
    const offset = into.offset + start * (into.dims[dim]?.stride ?? 0);
    start += value.dims[dim]?.size ?? 1;
    const dims = into.dims.map((own, d) => ({ ...own, size: value.dims[d]!.size }));
    return inOrder(value, state, { ...into, offset, dims });
  });
}

/** Of loops of one size around a step those that a sum keeps are outside, so that sums stay in registers. */
function foldedInside(body: readonly Task[]): void {
  const folded = new Set(body.flatMap((own) => reducedOf(own)));
  for (const own of body)
    own.space = own.space.map((loop) => (folded.has(loop.label) ? { ...loop, isFolded: true } : loop));
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

/** What a step reads of outside, in memory. Where dims are of one size, those that the step sums over lie further apart: the others are lanes. */
function outsideLoop(value: Value, folded: ReadonlySet<Label>, state: State): Value {
  if (value.kind === "number") return value;
  if (value.kind === "inline" && value.task.target === null) {
    const dims = [...uniqueDims(value.task, value.dims)];
    const isKept = ({ label }: Dim): number => Number(label === null || !folded.has(label));
    value.task.target = allocate(
      "value",
      dims.sort((a, b) => isKept(a) - isKept(b)),
      "largest inside",
      state.buffers,
    );
  }
  return inMemory(value, state);
}

const foldedAxes = (nodes: readonly Node[]): ReadonlySet<Label> =>
  new Set(
    nodes.flatMap(({ op, attrs }) => (op.name === "sumAxis" || op.name === "maxAxis" ? [textAttr(attrs, "axis")] : [])),
  );

export const scanOf =
  (evaluate: Evaluate): Rule =>
  (node, [first, ...args], state) => {
    const { axis, direction, body, ...from } = partsOfScan(node);
    const axes = node.axes.filter((a) => a !== axis);
    const [result] = simplest([body.result]) as [Node];
    const isJoined = result.op.name === "concat";
    const parts = isJoined ? result.inputs : [result];
    const { varying, known } = partsOf(parts, []);
    const read = new Set(varying);
    const folded = foldedAxes(varying);
    const sources = args.map((value, i) => (read.has(body.slots[i + 1]!) ? outsideLoop(value, folded, state) : value));
    const { [axis]: _, ...sizes } = state.sizes;
    return recursion(
      {
        node,
        place: node.axes.indexOf(axis),
        direction,
        first: wide(first!, from.first, axes, state),
        sources: sources.filter((_, i) => read.has(body.slots[i + 1]!)),
        step: (carry, turn, state) => {
          const members = sources.map((value, i) => memberOf(value, from.args[i]!.axes.indexOf(axis), turn));
          const inner = { ...state, sizes };
          body.slots.forEach((slot, i) => inner.values.set(slot, i === 0 ? carry : members[i - 1]!));
          evaluate(varying, known, inner);
          return {
            parts: parts.map((part) => wide(inner.values.get(part)!, part, axes, inner)),
            dim: isJoined ? axes.length + numberAttr(result.attrs, "dim") : 0,
          };
        },
      },
      state,
    );
  };

/** Of a trajectory that is the view of a member before. */
export const beforeOf =
  (evaluate: Evaluate): Rule =>
  (node, [x, first], state) => {
    const { axis, size, direction } = courseOf(node);
    const place = node.inputs[0]!.axes.indexOf(axis);
    const known = x!.kind === "view" ? state.trajectories.get(x!.buffer) : undefined;
    if (x!.kind === "view" && place >= 0 && known?.axis === axis && known.direction === direction) {
      const back = direction === "forward" ? -1 : 1;
      const view = { ...x!, offset: x!.offset + back * x!.dims[place]!.stride };
      return wide(view, node.inputs[0]!, node.axes, state);
    }
    const written = previous(node.inputs[0]!, node.inputs[1]!, axis, size, direction);
    state.values.set(node.inputs[1]!, first!);
    const needed = partsOf([written], []);
    evaluate(needed.varying, needed.known, state);
    return wide(state.values.get(written)!, written, node.axes, state);
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
        return { parts: [{ kind: "inline", task: made, dims: carry.dims }], dim: 0 };
      },
    },
    state,
  );
};
