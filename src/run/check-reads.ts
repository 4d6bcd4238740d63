// Reads of data against what is there, wherever their conditions hold: subscripts that leave their dim (PPL605), entries that are missing
// (PPL606), members that do not exist (PPL607).

import { diagnose, type Diagnostic } from "../base/diagnostic.ts";
import type { Program } from "../build/program.ts";
import type { Prepared } from "../build/prepare.ts";
import { valuesOf, type CategoryCheck, type PresenceCheck, type RangeCheck, type ReadCheck } from "../build/scope.ts";
import type { Node } from "../ir/node.ts";
import { textOf } from "../model/check-scope.ts";
import { add, and, fill } from "../op/index.ts";
import { sizesOf } from "./graphs.ts";

/** One diagnostic for each place in the text. */
export function checkReads(program: Program, prepared: Prepared): readonly Diagnostic[] {
  const places = new Set<string>();
  return program.checks.flatMap((check) => {
    const place = `${check.kind} ${check.span.start}`;
    const found = places.has(place) ? null : faultOf(check, prepared);
    if (found === null) return [];
    places.add(place);
    return [found];
  });
}

const faultOf = (check: ReadCheck, prepared: Prepared): Diagnostic | null =>
  check.kind === "presence" ? notThere(check, prepared) : check.kind === "range" ? outOfRange(check, prepared) : noCategory(check, prepared);

const valuesIn = (node: Node, prepared: Prepared): Float64Array => valuesOf(node, prepared.bound, sizesOf(prepared, new Set(node.axes), 1));

function outOfRange({ index, guard, size, base, of, span, dim }: RangeCheck, prepared: Prepared): Diagnostic | null {
  const found = firstOutside(index, guard, size, prepared);
  return found === null ? null : diagnose("PPL605", span, { read: `${of}[…]`, value: String(found + base), size: dim, count: size, base }, {
    hint: "guard the read by a condition on the data",
  });
}

function noCategory({ index, guard, count, base, dist, span }: CategoryCheck, prepared: Prepared): Diagnostic | null {
  const found = firstOutside(index, guard, count, prepared);
  return found === null ? null : diagnose("PPL310", span, {
    kind: "observed", value: textOf(span), range: String(found + base), dist, support: `${base} to ${count - 1 + base}`,
  });
}

/** The first of some indices, where the condition holds, that is none of 0 … size - 1. */
function firstOutside(index: Node, guard: Node | null, size: number, prepared: Prepared): number | null {
  const indices = valuesIn(guard === null ? index : add(index, zeroOn(guard)), prepared);
  const holds = guard === null ? null : valuesIn(add(guard, zeroOn(index)), prepared);
  return indices.find((v, i) => (holds === null || holds[i] !== 0) && !(v >= 0 && v < size && Number.isInteger(v))) ?? null;
}

/** Zero with the axes and event shape of a node: adding it gives two nodes one layout. */
const zeroOn = (node: Node): Node => fill(0, node.axes, node.shape);

function notThere({ why, absent, guard, of, span }: PresenceCheck, prepared: Prepared): Diagnostic | null {
  const entries = valuesIn(guard === null ? absent : and(guard, absent), prepared).reduce((sum, value) => sum + value, 0);
  if (entries === 0) return null;
  if (why === "no member") return diagnose("PPL607", span, { name: of }, { hint: `read \`${of}\` only where the condition of its \`sample\` holds` });
  return diagnose("PPL606", span, { name: of, entries }, {
    hint: `guard the read: if is_missing(${of}[…]) then … else …; missing entries of a real array become latent where an \`observe\` gives them a distribution`,
  });
}
