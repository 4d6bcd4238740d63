// A recursion along an axis as one op: it owns the graph of one step and gives the trajectory of its carry. Densities are ordinary
// graph over that axis. Reverse mode is a scan the other way, so memory is linear in the number of steps.

import { ice } from "../base/ice.ts";
import { flagAttr, numberAttr, numbersAttr, textAttr, textsAttr } from "../ir/attrs.ts";
import { make, placeholder } from "../ir/make.ts";
import type { Attrs, Axis, Body, Node } from "../ir/node.ts";
import type { Gradient, NodeType, OpDef } from "../ir/op.ts";
import { sameList, sortedAxes, unionAxes, without } from "../ir/shape.ts";
import { dependents, rewrite, topological } from "../ir/walk.ts";
import { add, mul } from "./arithmetic.ts";
import { toEvent } from "./axis.ts";
import { constantOp } from "./build.ts";
import { repeatTo } from "./fold.ts";
import { gather, scatterOp } from "./gather.ts";
import { fill, iota, numberOf, scalar } from "./leaf.ts";
import { equal, less, maximum, minimum, select } from "./logic.ts";

/** A place of a body that each step fills: the carry (slot 0) or an argument. */
const slotOp: OpDef = {
  kind: "leaf",
  name: "slot",
  doc: "what a step of a scan is given",
  type: (_, attrs) => ({ axes: textsAttr(attrs, "axes"), shape: numbersAttr(attrs, "shape") }),
  grad: null,
  build: null,
};

const slot = (place: number, axes: readonly Axis[], shape: readonly number[]): Node =>
  make(slotOp, [], { place, axes: sortedAxes(axes), shape });

/** Stands for a value while a step is built. It is no slot of a recursion around this one, whatever that one's slots look like. */
const stand = (axes: readonly Axis[], shape: readonly number[]): Node =>
  placeholder(slotOp, { place: -1, axes: sortedAxes(axes), shape });

/** Inputs: the carry before the first step, then the arguments, which may have the scanned axis. */
export const scanOp: OpDef = {
  kind: "scan",
  name: "scan",
  doc: "the carry after every step of a recursion along an axis",
  type: scanType,
  grad: scanGradient,
  build: ([first, ...args], attrs, body) => retyped(first!, args, attrs, body!),
};

/** Inputs: the trajectory, and the carry before the first step. */
const beforeOp: OpDef = {
  kind: "scan",
  name: "before",
  doc: "the carry before every step of a recursion along an axis",
  type: ([x, first], attrs) => ({
    axes: sortedAxes([...unionAxes([x!, first!]), textAttr(attrs, "axis")]),
    shape: x!.shape,
  }),
  grad: (ct, out) => {
    const { axis, size, direction } = courseOf(out);
    const zero = fill(0, [], out.shape);
    return [previous(ct, zero, axis, size, opposite(direction)), select(isFirst(axis, size, direction), ct, zero)];
  },
  build: ([x, first], attrs) => make(beforeOp, [x!, first!], attrs),
};

export const scanOps: readonly OpDef[] = [slotOp, scanOp, beforeOp];

type Direction = "forward" | "backward";
const opposite = (direction: Direction): Direction => (direction === "forward" ? "backward" : "forward");

/** 1 at the step that comes first. */
export const isFirst = (axis: Axis, size: number, direction: Direction): Node =>
  equal(iota(axis), scalar(direction === "forward" ? 0 : size - 1));

/** What stands before each member of `x`, a trajectory or a part of one, whose recursion began at `first` (or at what that is a part of): `previous` for free. */
export const carryBefore = (x: Node, first: Node, axis: Axis, size: number, direction: Direction): Node =>
  make(beforeOp, [x, first], { axis, size, backward: direction === "backward" });

function scanType(_: readonly Node[], attrs: Attrs, body: Body | null): NodeType {
  const { result, slots } = body ?? ice("a scan without a body");
  return { axes: sortedAxes([...result.axes, ...slots[0]!.axes, textAttr(attrs, "axis")]), shape: result.shape };
}

/** The trajectory c_0, c_1, … of c_t = step(c_{t-1}) along `axis` (of `size` members), from `first`; `backward` runs from the last member
 *  down. Whatever of the step does not depend on the carry is computed outside, for all members at once. The carry gains the axes that the
 *  step gives it. */
export function scan(
  axis: Axis,
  size: number,
  first: Node,
  step: (carry: Node) => Node,
  direction: Direction = "forward",
  known: Node | null = null,
): Node {
  let axes = without(first.axes, [axis]);
  for (;;) {
    const carry = stand(axes, first.shape);
    const result = repeatTo(step(carry), first.shape);
    const wanted = sortedAxes([...axes, ...without(result.axes, [axis])]);
    if (sameList(wanted, axes)) return closed(axis, size, first, carry, result, direction, known);
    axes = wanted;
  }
}

/** `known`, which is the trajectory of this recursion, with the gradient of the recursion: once that is taken, no step is computed again. */
export const followed = (
  known: Node,
  axis: Axis,
  size: number,
  first: Node,
  step: (carry: Node) => Node,
  direction: Direction,
): Node => scan(axis, size, first, step, direction, known);

/** The trajectory that a scan follows. */
export const knownOf = (node: Node): Node | null =>
  node.op === scanOp && node.attrs["known"] === true ? node.inputs.at(-1)! : null;

/** Hoists what does not depend on the carry, and makes it an argument. */
function closed(
  axis: Axis,
  size: number,
  first: Node,
  carry: Node,
  result: Node,
  direction: Direction,
  known: Node | null,
): Node {
  const inside = dependents(topological([result]), [carry]);
  if (!inside.has(result)) return result.axes.includes(axis) ? result : mul(result, fill(1, [axis], []));
  const args = [...new Set([...inside].flatMap((node) => node.inputs))].filter(
    (node) => !inside.has(node) && node.op !== constantOp,
  );
  const given = [carry, ...args, ...(known === null ? [] : [known])];
  const slots = given.map((node, i) => slot(i, without(node.axes, [axis]), node.shape));
  const places = new Map(given.map((node, i) => [node, slots[i]!]));
  const body = {
    result: rewrite(
      [result],
      (node) => node,
      (node) => places.get(node),
    )[0]!,
    slots,
  };
  const attrs = { axis, size, backward: direction === "backward", ...(known === null ? {} : { known: true }) };
  return make(scanOp, [first, ...given.slice(1)], attrs, body);
}

/** The same recursion on other inputs: slots take their axes, and the carry what the step then gives it, to a fixed point. */
function retyped(first: Node, args: readonly Node[], attrs: Attrs, body: Body): Node {
  const axis = textAttr(attrs, "axis");
  let current = body;
  let carryAxes = without(first.axes, [axis]);
  for (;;) {
    const slots = [
      slot(0, carryAxes, first.shape),
      ...args.map((arg, i) => slot(i + 1, without(arg.axes, [axis]), arg.shape)),
    ];
    const map = new Map(current.slots.map((old, i) => [old, slots[i]!]));
    current = {
      result: repeatTo(
        rewrite(
          [current.result],
          (node) => node,
          (node) => map.get(node),
        )[0]!,
        first.shape,
      ),
      slots,
    };
    const wanted = sortedAxes([...carryAxes, ...current.result.axes]);
    if (sameList(wanted, carryAxes)) return make(scanOp, [first, ...args], attrs, current);
    carryAxes = wanted;
  }
}

/** x at the member `lag` before (`forward`) or after (`backward`), `first` where there is none: null if nothing depends on what stands there,
 *  which is then the nearest member. */
export function previous(x: Node, first: Node | null, axis: Axis, size: number, direction: Direction, lag = 1): Node {
  const at = iota(axis);
  const [beyond, neighbour] =
    direction === "forward"
      ? [less(at, scalar(lag)), maximum(add(at, scalar(-lag)), scalar(0))]
      : [less(scalar(size - 1 - lag), at), minimum(add(at, scalar(lag)), scalar(size - 1))];
  const there = gather(toEvent(x, axis, 0, size), 0, neighbour);
  return first === null ? there : select(beyond, first, there);
}

/** The cotangent that a step passes to the carry before it, nu_t = J_t' mu_t with mu_t = ct_t + nu_{t+1}, is a scan the other way; then every argument's
 *  cotangent is that of one step, at all steps at once. Where only the last carry has a cotangent, nu begins with that. */
function scanGradient(ct: Node, out: Node, grad: Gradient): readonly (Node | null)[] {
  const { axis, size, direction, first, args, body } = partsOf(out);
  const before = carryBefore(out, first, axis, size, direction);
  const at = (nodes: readonly Node[], carry: Node): Node[] => onSteps(nodes, body, [carry, ...args], out);
  const pulled = (mu: Node, wrt: readonly Node[]): Node[] => {
    const weight = stand(without(mu.axes, [axis]), mu.shape);
    const parts = grad(mul(body.result, weight), wrt);
    return rewrite(
      at(parts, before),
      (node) => node,
      (node) => (node === weight ? mu : undefined),
    );
  };
  const zero = fill(0, [], first.shape);
  const last = cotangentAtEnd(ct, out);
  const received = (nu: Node): Node => (last === null ? add(ct, nu) : nu);
  const other = opposite(direction);
  const nu = scan(axis, size, last ?? zero, (carry) => pulled(received(carry), [body.slots[0]!])[0]!, other);
  const mu = received(carryBefore(nu, last ?? zero, axis, size, other));
  const parts = pulled(mu, body.slots.slice(1));
  return [
    select(isFirst(axis, size, direction), nu, zero),
    ...(knownOf(out) === null ? parts : [...parts.slice(0, -1), null]),
  ];
}

/** Of a cotangent that is 0 but at the last step of a recursion: that one. */
function cotangentAtEnd(ct: Node, out: Node): Node | null {
  const { axis, size, direction } = partsOf(out);
  const [sum] = ct.inputs;
  if (ct.op.name !== "toAxis" || ct.attrs["axis"] !== axis || ct.attrs["dim"] !== 0 || sum!.op !== scatterOp)
    return null;
  const [last, index] = sum!.inputs as [Node, Node];
  return numberOf(index) === (direction === "forward" ? size - 1 : 0) && !last.axes.includes(axis) ? last : null;
}

/** Nodes over a body's slots, with the values of all steps in their place; what a step came to is in the trajectory. */
const onSteps = (nodes: readonly Node[], body: Body, values: readonly Node[], out: Node): Node[] => {
  const map = new Map([...body.slots.map((s, i) => [s, values[i]!] as const), [body.result, out]]);
  return rewrite(
    nodes,
    (node) => node,
    (node) => map.get(node),
  );
};

type Course = { readonly axis: Axis; readonly size: number; readonly direction: Direction };

/** What a recursion, or the carry before its steps, runs along. */
export const courseOf = ({ attrs }: Node): Course => ({
  axis: textAttr(attrs, "axis"),
  size: numberAttr(attrs, "size"),
  direction: flagAttr(attrs, "backward") ? "backward" : "forward",
});

/** A scan's parts by name. */
export function partsOf(node: Node): Course & {
  readonly first: Node;
  readonly args: readonly Node[];
  readonly body: Body;
} {
  const [first, ...args] = node.inputs;
  return { ...courseOf(node), first: first!, args, body: node.body ?? ice("a scan without a body") };
}
