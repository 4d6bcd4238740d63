// Loop-invariant statements out of their loops: what reads neither the position of a loop, nor what is computed or written inside it, stands before it.

import type { At, Id, Program, Stmt } from "./program.ts";
import { definedBy, everyStmt, type For } from "./statements.ts";

export const hoisted = ({ buffers, body }: Program): Program => ({ buffers, body: body.flatMap(outside) });

/** A statement, after those of its loops that need not be inside. */
function outside(stmt: Stmt): readonly Stmt[] {
  if (stmt.do !== "for") return [stmt];
  const loop = { ...stmt, body: stmt.body.flatMap(outside) };
  const moving = movable(loop);
  return [...moving, { ...loop, body: loop.body.filter((own) => !moving.has(own)) }];
}

function movable({ label, body }: For): ReadonlySet<Stmt> {
  const isWritten = writingOf(body);
  const inside = new Set<Id>();
  const isFixed = ({ buffer, strides, by }: At): boolean =>
    (strides[label] ?? 0) === 0 && !isWritten(buffer) && (by === null || !inside.has(by.index));
  const moving = new Set<Stmt>();
  for (const stmt of body) {
    const isFree =
      stmt.do === "number" ||
      (stmt.do === "let" && !stmt.args.some((arg) => inside.has(arg))) ||
      (stmt.do === "load" && isFixed(stmt.at));
    if (isFree) moving.add(stmt);
    else for (const id of definedBy(stmt)) inside.add(id);
  }
  return moving;
}

/** Whether statements may write a buffer. */
function writingOf(body: readonly Stmt[]): (buffer: number) => boolean {
  const all = everyStmt(body);
  const written = new Set(
    all.flatMap((stmt) =>
      stmt.do === "fill" ? stmt.buffer : stmt.do === "store" || stmt.do === "meet" ? stmt.at.buffer : [],
    ),
  );
  return (buffer) => written.has(buffer);
}
