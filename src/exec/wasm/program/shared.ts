// Which loops parts of their turns may run at once, on the memory that they have in common: what a loop writes belongs to the turn that writes it, or can be
// kept by each part for itself and met afterwards.

import { exceptions, functions } from "../code/functions.ts";
import type { At, Label, Meet, Stmt } from "./program.ts";
import { everyStmt, type For } from "./statements.ts";

/** A buffer that turns of any part take values up in. */
export type Common = { readonly buffer: number; readonly meet: Meet };

type Access = { readonly at: At; readonly meet: Meet | null; readonly isWrite: boolean };

/** What parts of a loop have to keep for themselves; null: its turns cannot be shared out. */
export function commonIn(loop: For): readonly Common[] | null {
  const inside = everyStmt(loop.body);
  if ((loop.order !== "any" && loop.order !== "each") || loop.within !== null) return null;
  if (inside.some((stmt) => !["for", "let", "number", "load", "store", "meet", "draw"].includes(stmt.do))) return null;
  const counts = new Map(inside.flatMap((stmt) => (stmt.do === "for" ? [[stmt.label, stmt.count] as const] : [])));
  const found: Common[] = [];
  let isRepeatable = true;
  for (const [buffer, accesses] of accessesIn(inside)) {
    if (!accesses.some(({ isWrite }) => isWrite)) continue;
    const [{ meet }] = accesses as [Access];
    if (accesses.every(({ at, isWrite }) => !isWrite || isOwn(at, loop, counts))) {
      isRepeatable &&= accesses.every((access) => access.isWrite && access.meet === null);
    } else if (meet !== null && accesses.every((access) => access.meet === meet)) found.push({ buffer, meet });
    else return null;
  }
  return isElsewhere(inside, isRepeatable) ? found : null;
}

function accessesIn(inside: readonly Stmt[]): ReadonlyMap<number, readonly Access[]> {
  const found = new Map<number, Access[]>();
  for (const stmt of inside) {
    if (!("at" in stmt)) continue;
    const access = { at: stmt.at, meet: stmt.do === "meet" ? stmt.meet : null, isWrite: stmt.do !== "load" };
    found.set(stmt.at.buffer, [...(found.get(stmt.at.buffer) ?? []), access]);
  }
  return found;
}

/** No two turns of the loop name one element: every stride is longer than all that the shorter ones reach. */
function isOwn({ strides, by }: At, { label, count }: For, counts: ReadonlyMap<Label, number>): boolean {
  if (by !== null || (strides[label] ?? 0) === 0) return false;
  let reach = 0;
  return Object.entries(strides)
    .filter(([, stride]) => stride !== 0)
    .sort(([, a], [, b]) => a - b)
    .every(([own, stride]) => {
      const isBeyond = stride > reach;
      reach += stride * ((own === label ? count : (counts.get(own) ?? 1)) - 1);
      return isBeyond;
    });
}

/** Another thread has no scalar functions: it tells where it would need one for a rare argument, and then the parts are repeated. */
function isElsewhere(inside: readonly Stmt[], isRepeatable: boolean): boolean {
  return inside.every(
    (stmt) => stmt.do !== "let" || (stmt.op.name in functions && (isRepeatable || !(stmt.op.name in exceptions))),
  );
}
