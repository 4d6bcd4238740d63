// The only place where nodes come to be. Equal op, inputs and attributes give the same node (hash-consing).

import { attrKey } from "./attrs.ts";
import type { Attrs, Body, Node } from "./node.ts";
import type { OpDef } from "./op.ts";

/** The table holds nodes weakly, so that graphs nobody uses are freed. Whether a node is found never shows: nothing
 *  depends on the ids of nodes but that inputs come first. */
const table = { nodes: new WeakMap<OpDef, Map<string, WeakRef<Node>>>(), made: 0 };
const forgotten = new FinalizationRegistry<{ entries: Map<string, WeakRef<Node>>; key: string }>(({ entries, key }) => {
  if (entries.get(key)?.deref() === undefined) entries.delete(key);
});

/** The node of `op` on `inputs`; its type follows from the op's type rule. Builders in src/op are the usual way to
 *  it. */
export function make(op: OpDef, inputs: readonly Node[] = [], attrs: Attrs = {}, body: Body | null = null): Node {
  const entries = entriesOf(op);
  const key = keyOf(inputs, attrs, body);
  const known = entries.get(key)?.deref();
  if (known !== undefined) return known;
  const { axes, shape } = op.type(inputs, attrs, body);
  const node: Node = { id: table.made++, op, inputs, attrs, axes, shape, body };
  entries.set(key, new WeakRef(node));
  forgotten.register(node, { entries, key });
  return node;
}

/** A leaf that equals no other: what a function of nodes is called with, so that it can be told from all that the
 *  function knows already. */
export function placeholder(op: OpDef, attrs: Attrs): Node {
  const { axes, shape } = op.type([], attrs, null);
  return { id: table.made++, op, inputs: [], attrs, axes, shape, body: null };
}

/** The same op on other inputs, through its builder, so that local laws apply again. */
export function rebuild(node: Node, inputs: readonly Node[]): Node {
  if (inputs.every((input, i) => input === node.inputs[i])) return node;
  return node.op.build === null
    ? make(node.op, inputs, node.attrs, node.body)
    : node.op.build(inputs, node.attrs, node.body);
}

function entriesOf(op: OpDef): Map<string, WeakRef<Node>> {
  const known = table.nodes.get(op);
  if (known !== undefined) return known;
  const entries = new Map<string, WeakRef<Node>>();
  table.nodes.set(op, entries);
  return entries;
}

function keyOf(inputs: readonly Node[], attrs: Attrs, body: Body | null): string {
  const names = Object.keys(attrs).sort();
  const owned = body === null ? "" : [body.result, ...body.slots].map((n) => n.id).join(",");
  return `${inputs.map((n) => n.id).join(",")}|${owned}|${names.map((name) => `${name}=${attrKey(attrs[name]!)}`).join(",")}`;
}
