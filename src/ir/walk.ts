// Orders over a graph. Every pass is one of these walks with a small function.

import type { Span } from "../base/span.ts";
import { rebuild } from "./make.ts";
import type { Axis, Node, Origins } from "./node.ts";

/** All nodes below the roots, inputs first. The order depends on the graph alone (depth first, inputs from the
 *  left). */
export function topological(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  const enter = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.node.inputs[top.next++];
      if (input !== undefined) enter(input);
      else order.push(stack.pop()!.node);
    }
  }
  return order;
}

/** Every axis below the roots, with those that only the bodies of scans have and those of which only the size is
 *  read. */
export function allAxes(roots: readonly Node[]): ReadonlySet<Axis> {
  return new Set(
    topological(roots).flatMap((node) => [
      ...(node.op.name === "axisSize" ? [node.attrs["axis"] as Axis] : node.axes),
      ...(node.body === null ? [] : allAxes([node.body.result])),
    ]),
  );
}

/** Rebuilds bottom-up: `replace` sees each node on its new inputs and may give another node for it. `cut` ends the
 *  walk at a node. */
export function rewrite(
  roots: readonly Node[],
  replace: (rebuilt: Node, original: Node) => Node,
  cut: (original: Node) => Node | undefined = () => undefined,
): Node[] {
  const done = new Map<Node, Node>();
  const doneFor = (node: Node): Node => done.get(node)!;
  const stack: Node[] = [...roots].reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!;
    const ready = done.has(node) ? done.get(node) : cut(node);
    const waiting = ready === undefined ? node.inputs.filter((input) => !done.has(input)) : [];
    if (waiting.length > 0) {
      stack.push(...waiting.reverse());
      continue;
    }
    stack.pop();
    done.set(node, ready ?? replace(rebuild(node, node.inputs.map(doneFor)), node));
  }
  return roots.map(doneFor);
}

/** The nodes of `order` (inputs first) that depend on one of `sources`, sources included. */
export function dependents(order: readonly Node[], sources: Iterable<Node>): Set<Node> {
  const found = new Set(sources);
  for (const node of order) if (node.inputs.some((input) => found.has(input))) found.add(node);
  return found;
}

/** True if `node` is `source` or is computed from it. */
export const dependsOn = (node: Node, source: Node): boolean => dependents(topological([node]), [source]).has(node);

/** `origins` with every node below `root` that has none yet given to `span`: called after each statement of a model. */
export function originsWith(origins: Origins, root: Node, span: Span): Origins {
  const result = new Map(origins);
  for (const node of topological([root])) if (!result.has(node)) result.set(node, span);
  return result;
}
