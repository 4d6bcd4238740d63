// Reverse mode, graph to graph. Enters: a root and the nodes to differentiate by; leaves: one gradient graph for each.

import type { Node } from "../ir/node.ts";
import type { GradRule, OpKind } from "../ir/op.ts";
import { sizeOf, without } from "../ir/shape.ts";
import { dependents, topological } from "../ir/walk.ts";
import { add, fill, mul, numberOf, repeatTo, scalar, select, sum, sumAxis } from "../op/index.ts";

/** Gradients of the sum of `root` over all its axes and event dims. Each has the axes (at least) and the event shape
 *  of its `wrt`; nodes of `wrt` may be leaves or inner nodes, and one may lie above another. `through` decides where
 *  gradients go. */
export function grad(root: Node, wrt: readonly Node[]): Node[] {
  const order = topological([root]);
  const live = dependents(order, wrt);
  const cotangents = new Map<Node, Node>([[root, scalar(1)]]);
  for (const node of order.reverse()) {
    const ct = cotangents.get(node);
    if (ct === undefined || !live.has(node) || node.op.grad === null) continue;
    const parts = partsOf(node, ct, node.op.grad);
    node.inputs.forEach((input, i) => {
      const part = parts[i];
      if (part == null || !live.has(input)) return;
      const before = cotangents.get(input);
      const fitted = fit(part, input, node);
      cotangents.set(input, before === undefined ? fitted : added(before, fitted));
    });
  }
  return wrt.map((x) => {
    const ct = cotangents.get(x);
    return ct === undefined ? fill(0, x.axes, x.shape) : explicit(ct, x);
  });
}

/** The row's rule. In a branch of a `select` the cotangent is a choice between something and 0; a pointwise rule is
 *  linear in it, so the choice is made after the rule: 0 · inf or 0 / 0 cannot arise where the branch was not taken. */
function partsOf(node: Node, ct: Node, rule: GradRule): readonly (Node | null)[] {
  if (!takesRepeated(node.op.kind)) return rule(repeatTo(ct, node.shape), node, grad);
  const choice = choiceOf(ct);
  if (choice === null) return rule(ct, node, grad);
  return partsOf(node, choice.chosen, rule).map((part) => part && choose(choice, part));
}

type Choice = { readonly condition: Node; readonly chosen: Node; readonly ifTrue: boolean };

/** `select(condition, chosen, 0)` or `select(condition, 0, chosen)`. */
function choiceOf(ct: Node): Choice | null {
  if (ct.op !== select.op) return null;
  const [condition, a, b] = ct.inputs as [Node, Node, Node];
  if (numberOf(b) === 0) return { condition, chosen: a, ifTrue: true };
  return numberOf(a) === 0 ? { condition, chosen: b, ifTrue: false } : null;
}

const choose = ({ condition, ifTrue }: Choice, x: Node): Node =>
  ifTrue ? select(condition, x, scalar(0)) : select(condition, scalar(0), x);

/** The sum of two parts; two of the same choice stay one choice. */
function added(a: Node, b: Node): Node {
  const [left, right] = [choiceOf(a), choiceOf(b)];
  const same = left !== null && right !== null && left.condition === right.condition && left.ifTrue === right.ifTrue;
  return same ? choose(left, add(left.chosen, right.chosen)) : add(a, b);
}

const takesRepeated = (kind: OpKind): boolean => kind === "map" || kind === "control";

/** A part of an input's cotangent, summed over whatever the input lacks: the reverse of broadcasting. A part that
 *  itself lacks it is constant there, and is multiplied by the size. Rows of axis ops, gathers and scans sum their own
 *  axes; an axis that such a part still has came with an index. */
function fit(part: Node, input: Node, out: Node): Node {
  const ownAxes = out.op.kind === "axis" || out.op.kind === "gather" || out.op.kind === "scan";
  const lacking = without(ownAxes ? part.axes : out.axes, input.axes);
  const eventFitted = takesRepeated(out.op.kind) && input.shape.length === 0 ? toScalar(part, out.shape) : part;
  return lacking.reduce(sumAxis, eventFitted);
}

const toScalar = (part: Node, shape: readonly number[]): Node =>
  part.shape.length > 0 ? sum(part) : mul(part, scalar(sizeOf(shape)));

/** A gradient with the layout of its node: constants along axes and event dims written out. */
function explicit(ct: Node, x: Node): Node {
  const axes = without(x.axes, ct.axes);
  const full = repeatTo(ct, x.shape);
  return axes.length === 0 ? full : mul(full, fill(1, axes, []));
}
