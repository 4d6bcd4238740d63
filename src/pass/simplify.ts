// Laws of algebra, applied bottom-up until none applies. Enters and leaves: roots of the same values.

import { ice } from "../base/ice.ts";
import type { Node } from "../ir/node.ts";
import { printGraph } from "../ir/print.ts";
import { rewrite } from "../ir/walk.ts";
import { factsOf } from "./facts.ts";
import type { Law } from "./law.ts";
import { lawsOfLogarithms } from "./laws-of-logarithms.ts";
import { lawsOfScales } from "./laws-of-scales.ts";
import { lawsOfStates } from "./laws-of-states.ts";
import { lawsOfSums } from "./laws-of-sums.ts";

export const laws: readonly Law[] = [...lawsOfLogarithms, ...lawsOfScales, ...lawsOfSums, ...lawsOfStates];

const ROUNDS = 50;
const NONE: readonly Law[] = [];

const lawsByOp: ReadonlyMap<string, readonly Law[]> = new Map(
  [...new Set(laws.flatMap((law) => law.on))].map((name) => [name, laws.filter((law) => law.on.includes(name))]),
);

/** The same values from fewer and safer operations. */
export function simplify(roots: readonly Node[]): Node[] {
  let current = [...roots];
  const applied: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const next = once(current, applied);
    if (next.every((node, i) => node === current[i])) return next;
    current = next;
  }
  return ice(
    `simplify does not end: ${applied.slice(-10).join(", ")}`,
    printGraph({ outputs: Object.fromEntries(roots.map((r, i) => [`r${i}`, r])) }),
  );
}

/** One walk: at most one law per node. */
function once(roots: readonly Node[], applied: string[]): Node[] {
  const facts = factsOf(roots);
  const merge = commutative();
  return rewrite(roots, (node) => {
    for (const law of lawsByOp.get(node.op.name) ?? NONE) {
      const simpler = law.apply(node, facts);
      if (simpler !== null && simpler !== node) {
        applied.push(law.name);
        return merge(simpler);
      }
    }
    return merge(node);
  });
}

/** a + b and b + a are one node: the one that came first. */
function commutative(): (node: Node) => Node {
  const first = new Map<string, Node>();
  return (node) => {
    if (node.op.name !== "add" && node.op.name !== "mul") return node;
    const key = `${node.op.name} ${node.inputs
      .map((x) => x.id)
      .sort((a, b) => a - b)
      .join(" ")}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, node);
    return known ?? node;
  };
}
