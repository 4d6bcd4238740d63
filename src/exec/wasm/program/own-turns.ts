// Numbers that a turn of a loop writes and only the same turn reads: the loop keeps those of the turns it is at, in place of all, so that they stay in the
// first cache (codegen, section 3).

import type { At, Buffer, Program, Stmt } from "./program.ts";
import { everyStmt, type For } from "./statements.ts";

/** Numbers of a turn that a loop may keep. */
const MOST = 512;

/** `outside`: buffers that something else reads or writes. */
export function ownTurns({ buffers, body }: Program, outside: ReadonlySet<number>): Program {
  const own = [...buffers];
  const uses = countOf(body);
  const within = (stmt: Stmt): Stmt => {
    if (stmt.do === "parts") return { ...stmt, body: stmt.body.map(within) };
    return stmt.do === "for" && stmt.order === "any" ? shortened(stmt, own, uses, outside) : stmt;
  };
  return { body: body.map(within), buffers: own };
}

/** How many statements name each buffer. */
function countOf(body: readonly Stmt[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const stmt of everyStmt(body)) {
    const buffers = "at" in stmt ? [stmt.at.buffer] : stmt.do === "fill" ? [stmt.buffer] : [];
    for (const buffer of buffers) found.set(buffer, (found.get(buffer) ?? 0) + 1);
  }
  return found;
}

function shortened(loop: For, buffers: Buffer[], uses: ReadonlyMap<number, number>, outside: ReadonlySet<number>): For {
  const inside = everyStmt(loop.body);
  const own = new Set<number>();
  let kept = 0;
  for (const [buffer, count] of countOf(loop.body)) {
    const { name, length } = buffers[buffer]!;
    const numbers = length / loop.count;
    if (outside.has(buffer) || uses.get(buffer) !== count || kept + numbers > MOST) continue;
    if (!isOfTurn(inside, buffer, loop)) continue;
    own.add(buffer);
    kept += numbers;
    buffers[buffer] = { name, length: numbers, own: loop.label };
  }
  return own.size === 0 ? loop : { ...loop, body: loop.body.map((stmt) => renamed(stmt, own, loop)) };
}

/** Written before it is read, and always at the place of the turn. */
function isOfTurn(inside: readonly Stmt[], buffer: number, { label, count }: For): boolean {
  const accesses = inside.filter((stmt) => "at" in stmt && stmt.at.buffer === buffer);
  const isPlace = ({ offset, strides, by }: At): boolean =>
    by === null &&
    strides[label] === 1 &&
    offset % count === 0 &&
    Object.entries(strides).every(([other, stride]) => other === label || stride % count === 0);
  return (
    accesses[0]?.do === "store" &&
    accesses.every((stmt) => (stmt.do === "store" || stmt.do === "load") && isPlace(stmt.at))
  );
}

function renamed(stmt: Stmt, own: ReadonlySet<number>, loop: For): Stmt {
  if (stmt.do === "for") return { ...stmt, body: stmt.body.map((one) => renamed(one, own, loop)) };
  if ((stmt.do !== "load" && stmt.do !== "store") || !own.has(stmt.at.buffer)) return stmt;
  const { buffer, offset, strides, by } = stmt.at;
  const others = Object.entries(strides).filter(([label]) => label !== loop.label);
  const shorter = Object.fromEntries(others.map(([label, stride]) => [label, stride / loop.count]));
  return { ...stmt, at: { buffer, offset: offset / loop.count, strides: shorter, by } };
}
