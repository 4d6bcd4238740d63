// Carried outputs written straight into the leaf that they become, where the step reads the leaf for the last time before: then nothing is copied.

import type { Carried } from "../task/carry.ts";
import type { At, Program, Stmt } from "./program.ts";

type Access = {
  readonly buffer: number;
  /** "whole": by something other than a load or a store. */
  readonly kind: "load" | "store" | "whole";
  readonly place: string;
  /** The statement of the program, that of its innermost body, and the body. */
  readonly top: number;
  readonly turn: number;
  readonly body: readonly Stmt[];
};

/** `busy`: buffers that are read after the step, or by something outside the module. */
export function inPlace(
  { buffers, body }: Program,
  carried: readonly Carried[],
  busy: ReadonlySet<number>,
): { readonly program: Program; readonly carried: readonly Carried[] } {
  const byBuffer = new Map<number, Access[]>();
  body.forEach((stmt, top) => collect([stmt], top, body, byBuffer));
  const becomes = new Map<number, number>();
  for (const { from, to } of carried)
    if (to !== null && !becomes.has(from.buffer) && isSafe(from.buffer, to.buffer, byBuffer, busy))
      becomes.set(from.buffer, to.buffer);
  const now = (buffer: number): number => becomes.get(buffer) ?? buffer;
  return {
    program: {
      buffers: buffers.map((buffer, i) => (becomes.has(i) ? { ...buffer, length: 0 } : buffer)),
      body: body.map((stmt) => renamed(stmt, now)),
    },
    carried: carried.map((own) => ({ ...own, from: { ...own.from, buffer: now(own.from.buffer) } })),
  };
}

function collect(stmts: readonly Stmt[], top: number, body: readonly Stmt[], found: Map<number, Access[]>): void {
  const add = (buffer: number, kind: Access["kind"], turn: number, at: At | null): void => {
    const place = at === null ? "" : JSON.stringify([at.offset, at.strides]);
    const access = { buffer, kind: at?.by == null ? kind : "whole", place, top, turn, body } as const;
    found.set(buffer, [...(found.get(buffer) ?? []), access]);
  };
  stmts.forEach((stmt, turn) => {
    if (stmt.do === "for") collect(stmt.body, top, stmt.body, found);
    else if (stmt.do === "load" || stmt.do === "store") add(stmt.at.buffer, stmt.do, turn, stmt.at);
    else if (stmt.do === "meet") add(stmt.at.buffer, "whole", turn, null);
    else if (stmt.do === "fill") add(stmt.buffer, "whole", turn, null);
  });
}

/** Every read of the leaf comes before every write of the output: in a statement before, or at the same place of the same turn. */
function isSafe(
  from: number,
  to: number,
  accesses: ReadonlyMap<number, readonly Access[]>,
  busy: ReadonlySet<number>,
): boolean {
  const [writes, reads] = [accesses.get(from) ?? [], accesses.get(to) ?? []];
  const isBefore = (read: Access, write: Access): boolean =>
    read.top < write.top ||
    (read.top === write.top && read.body === write.body && read.place === write.place && read.turn < write.turn);
  return (
    !busy.has(from) &&
    !busy.has(to) &&
    writes.every(({ kind }) => kind !== "whole") &&
    reads.every(({ kind }) => kind === "load") &&
    reads.every((read) => writes.every((write) => write.kind === "load" || isBefore(read, write)))
  );
}

function renamed(stmt: Stmt, now: (buffer: number) => number): Stmt {
  if (stmt.do === "for") return { ...stmt, body: stmt.body.map((own) => renamed(own, now)) };
  return stmt.do === "load" || stmt.do === "store"
    ? { ...stmt, at: { ...stmt.at, buffer: now(stmt.at.buffer) } }
    : stmt;
}
