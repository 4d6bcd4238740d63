// Reads whose subscripts are data, against the sizes of what they read, wherever their conditions hold (PPL605).

import { diagnose, type Diagnostic } from "../base/diagnostic.ts";
import type { Program } from "../build/program.ts";
import type { Prepared } from "../build/prepare.ts";
import { valuesOf, type ReadCheck } from "../build/scope.ts";
import type { Node } from "../ir/node.ts";
import { add, fill } from "../op/index.ts";
import { sizesOf } from "./graphs.ts";

export const checkReads = (program: Program, prepared: Prepared): readonly Diagnostic[] =>
  program.checks.flatMap((check) => fault(check, prepared) ?? []);

function fault(check: ReadCheck, prepared: Prepared): Diagnostic | null {
  const { index, guard, size, base } = check;
  const values = (node: Node): Float64Array => valuesOf(node, prepared.bound, sizesOf(prepared, new Set(node.axes), 1));
  const subscripts = values(guard === null ? index : add(index, zeroOn(guard)));
  const holds = guard === null ? null : values(add(guard, zeroOn(index)));
  const at = subscripts.findIndex((v, i) => (holds === null || holds[i] !== 0) && !(v >= 0 && v < size && Number.isInteger(v)));
  if (at < 0) return null;
  return diagnose("PPL605", check.span, {
    read: `${check.of}[…]`, value: String((subscripts[at] as number) + base), size: check.dim, count: size, base,
  }, { hint: "guard the read by a condition on the data" });
}

/** Zero with the axes and event shape of a node: adding it gives two nodes one layout. */
const zeroOn = (node: Node): Node => fill(0, node.axes, node.shape);
