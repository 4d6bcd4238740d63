// Reads of data against what is there, wherever their conditions hold: subscripts that leave their dim (PPL605),
// entries that are missing (PPL606), members that do not exist (PPL607); and what is read against what it is read for
// (check-support.ts).

import { diagnose, type Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import type { Program } from "../build/program.ts";
import type { Prepared } from "../build/prepared.ts";
import { valuesOf, type PresenceCheck, type RangeCheck, type ReadCheck } from "../build/scope.ts";
import type { Node } from "../ir/node.ts";
import { add, and, fill } from "../op/index.ts";
import { checkArgument, checkSupport, type DataSource } from "./check-support.ts";
import { sizesOf } from "./graphs.ts";

/** One diagnostic for each place in the text. */
export function checkReads(program: Program, prepared: Prepared, source: DataSource): readonly Diagnostic[] {
  const places = new Set<string>();
  return program.checks.flatMap((check) => {
    const { source: text, start } = spanOf(check);
    const place = `${check.kind} ${check.kind === "argument" ? check.param.name : ""} ${text.path} ${start}`;
    const found = places.has(place) ? [] : faultsOf(check, prepared, source);
    if (found.length > 0) places.add(place);
    return found;
  });
}

const spanOf = (check: ReadCheck): Span =>
  check.kind === "support" ? check.stmt.span : check.kind === "argument" ? check.dist.span : check.span;

function faultsOf(check: ReadCheck, prepared: Prepared, source: DataSource): readonly Diagnostic[] {
  switch (check.kind) {
    case "range":
      return [outOfRange(check, prepared) ?? []].flat();
    case "presence":
      return [notThere(check, prepared) ?? []].flat();
    case "support":
      return checkSupport(check, prepared, source);
    case "argument":
      return checkArgument(check, prepared);
  }
}

const valuesIn = (node: Node, prepared: Prepared): Float64Array =>
  valuesOf(node, prepared.bound, sizesOf(prepared, new Set(node.axes), 1));

function outOfRange({ index, guard, size, base, of, span, dim }: RangeCheck, prepared: Prepared): Diagnostic | null {
  const found = firstOutside(index, guard, size, prepared);
  return found === null
    ? null
    : diagnose(
        "PPL605",
        span,
        { read: `${of}[…]`, value: String(found + base), size: dim, count: size, base },
        {
          hint: "guard the read by a condition on the data",
        },
      );
}

/** The first of some indices, where the condition holds, that is none of 0 … size - 1. */
function firstOutside(index: Node, guard: Node | null, size: number, prepared: Prepared): number | null {
  const indices = valuesIn(guard === null ? index : add(index, zeroOn(guard)), prepared);
  const holds = guard === null ? null : valuesIn(add(guard, zeroOn(index)), prepared);
  return (
    indices.find((v, i) => (holds === null || holds[i] !== 0) && !(v >= 0 && v < size && Number.isInteger(v))) ?? null
  );
}

/** Zero with the axes and event shape of a node: adding it gives two nodes one layout. */
const zeroOn = (node: Node): Node => fill(0, node.axes, node.shape);

function notThere({ why, absent, guard, of, span }: PresenceCheck, prepared: Prepared): Diagnostic | null {
  const entries = valuesIn(guard === null ? absent : and(guard, absent), prepared).reduce(
    (sum, value) => sum + value,
    0,
  );
  if (entries === 0) return null;
  if (why === "no member")
    return diagnose(
      "PPL607",
      span,
      { name: of },
      { hint: `read \`${of}\` only where the condition of its \`sample\` holds` },
    );
  return diagnose(
    "PPL606",
    span,
    { name: of, entries },
    {
      hint: `guard the read: if is_missing(${of}[…]) then … else …; missing entries of a real array become latent where an \`observe\` gives them a distribution`,
    },
  );
}
