// A graph as text, one line per node: `%3: [J, particle | 4] = mul %1 %2 {…}`, then the outputs. `parse.ts` reads it
// back.

import { positionAt } from "../base/span.ts";
import type { Attrs, AttrValue, Graph, Node, Origins } from "./node.ts";
import { topological } from "./walk.ts";

/** The graph with its nodes numbered in the order in which they are computed; where origins are known they stand
 *  behind `;`. */
export function printGraph(graph: Graph): string {
  const order = withBodies(Object.values(graph.outputs));
  const numbers = new Map(order.map((node, i) => [node, `%${i + 1}`]));
  const reference = (node: Node): string => numbers.get(node)!;
  const lines = order.map(
    (node) => `${reference(node)}: ${showType(node)} = ${showCall(node, reference)}${showOrigin(node, graph.origins)}`,
  );
  const outputs = Object.entries(graph.outputs).map(([name, node]) => `return ${showName(name)} = ${reference(node)}`);
  return [...lines, ...outputs, ""].join("\n");
}

/** Axes, then `|` and the event shape: `[J, K | 2, 3]`, `[J]`, `[| 3]`, `[]`. */
export function showType({ axes, shape }: Pick<Node, "axes" | "shape">): string {
  const parts = [axes.join(", "), shape.length === 0 ? "" : `| ${shape.join(", ")}`];
  return `[${parts.filter((part) => part !== "").join(" ")}]`;
}

function showCall(node: Node, reference: (node: Node) => string): string {
  const attrs = showAttrs(node.attrs);
  const body =
    node.body === null ? [] : ["body", reference(node.body.result), "slots", ...node.body.slots.map(reference)];
  return [node.op.name, ...node.inputs.map(reference), ...body, ...(attrs === "" ? [] : [`{${attrs}}`])].join(" ");
}

/** All nodes, those of a body before the op that owns it. */
const withBodies = (roots: readonly Node[]): readonly Node[] => [
  ...new Set(
    topological(roots).flatMap((node) =>
      node.body === null ? [node] : [...withBodies([...node.body.slots, node.body.result]), node],
    ),
  ),
];

const showAttrs = (attrs: Attrs): string =>
  Object.keys(attrs)
    .sort()
    .map((name) => `${name}=${showValue(attrs[name]!)}`)
    .join(", ");

function showValue(value: AttrValue): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return typeof value === "object" ? `[${value.map(showValue).join(", ")}]` : JSON.stringify(value);
}

const showName = (name: string): string => (/^[\w.]+$/.test(name) ? name : JSON.stringify(name));

function showOrigin(node: Node, origins: Origins | undefined): string {
  const span = origins?.get(node);
  return span === undefined ? "" : `  ; ${span.source.path}:${positionAt(span.source, span.start).line}`;
}
