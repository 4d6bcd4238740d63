// Statements whose results nobody reads: values that are used nowhere, and what is written to buffers that are never read. They are left by tasks whose
// readers compute the value themselves.

import type { Id, Program, Stmt } from "./program.ts";
import { everyStmt, readBy } from "./statements.ts";

/** The program without them. `outside`: buffers that something else reads. */
export function withoutUnread({ buffers, body }: Program, outside: ReadonlySet<number>): Program {
  const read = new Set([...outside, ...loadedIn(body)]);
  const left = readIn(body, read, new Set());
  const isSmaller = everyStmt(left).length < everyStmt(body).length;
  return isSmaller ? withoutUnread({ buffers, body: left }, outside) : { buffers, body: left };
}

const loadedIn = (body: readonly Stmt[]): readonly number[] =>
  everyStmt(body).flatMap((stmt) => (stmt.do === "load" ? stmt.at.buffer : []));

/** From the last statement to the first, so that all uses of a value are known before it. */
function readIn(body: readonly Stmt[], read: ReadonlySet<number>, used: Set<Id>): readonly Stmt[] {
  const left: Stmt[] = [];
  for (const stmt of [...body].reverse()) {
    const own = readPart(stmt, read, used);
    if (own === null) continue;
    for (const id of readBy(own)) used.add(id);
    left.push(own);
  }
  return left.reverse();
}

function readPart(stmt: Stmt, read: ReadonlySet<number>, used: Set<Id>): Stmt | null {
  switch (stmt.do) {
    case "let":
    case "number":
    case "load":
    case "draw":
      return used.has(stmt.id) ? stmt : null;
    case "store":
    case "meet":
      return read.has(stmt.at.buffer) ? stmt : null;
    case "fill":
      return read.has(stmt.buffer) ? stmt : null;
    case "for": {
      const results = stmt.results.filter(({ id }) => used.has(id));
      for (const id of readBy({ ...stmt, results })) used.add(id);
      const body = readIn(stmt.body, read, used);
      return body.length + results.length === 0 ? null : { ...stmt, body, results };
    }
    default:
      return stmt;
  }
}
