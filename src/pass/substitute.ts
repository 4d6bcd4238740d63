// Other values for some nodes. Enters: roots and a map; leaves: the roots with only that rebuilt which depends on the
// keys.

import type { Node } from "../ir/node.ts";
import { rewrite } from "../ir/walk.ts";

/** Replaces the keys of `map` by their values, all at once: values are not walked into, so a key mapped to itself
 *  cuts the walk. Whatever depends on a value gains its axes. */
export function substitute(root: Node, map: ReadonlyMap<Node, Node>): Node;
export function substitute(roots: readonly Node[], map: ReadonlyMap<Node, Node>): Node[];
export function substitute(roots: Node | readonly Node[], map: ReadonlyMap<Node, Node>): Node | Node[] {
  const list = "op" in roots ? [roots] : roots;
  const results = rewrite(
    list,
    (rebuilt) => rebuilt,
    (node) => map.get(node),
  );
  return "op" in roots ? results[0]! : results;
}
