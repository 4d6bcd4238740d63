// e^-x as 1 / e^x where e^x is there too: a division costs less than an exponential. Enters and leaves: roots of the
// same values, after the last law has been applied.

import type { Node } from "../ir/node.ts";
import { rewrite, topological } from "../ir/walk.ts";
import { div, exp, scalar } from "../op/index.ts";
import { argOf } from "./law.ts";

export function reciprocalExponentials(roots: readonly Node[]): Node[] {
  const powers = new Set(topological(roots).flatMap((node) => argOf(node, "exp") ?? []));
  return rewrite(roots, (node) => {
    const power = argOf(node, "exp");
    const opposite = power && argOf(power, "neg");
    return opposite && powers.has(opposite) ? div(scalar(1), exp(opposite)) : node;
  });
}
