// Loops that only change memory where a condition of outside holds: `m = c ? a : m` in every turn. Then nothing is computed and nothing is written while it
// does not hold. Stores under other conditions become loops of their own, which read what the loops before have left.

import type { At, Id, Program, Stmt } from "./program.ts";
import { definedBy, firstFreeId, type For } from "./statements.ts";

type Let = Extract<Stmt, { do: "let" }>;
type Load = Extract<Stmt, { do: "load" }>;
type Store = Extract<Stmt, { do: "store" }>;
type Simple = Let | Load | Store;

/** A store of `value` where the condition holds; `chosen` is the number that is in memory afterwards. */
type Update = { readonly condition: Id; readonly at: At; readonly value: Id; readonly chosen: Id };

export function guarded({ buffers, body }: Program): Program {
  const known = new Set<Id>();
  const next = { id: firstFreeId(body) };
  const after = body.flatMap((stmt) => {
    const loops = stmt.do === "for" ? guardedLoops(stmt, known, next) : null;
    for (const id of definedBy(stmt)) known.add(id);
    return loops ?? [stmt];
  });
  return { buffers, body: after };
}

function guardedLoops(loop: For, known: ReadonlySet<Id>, next: { id: Id }): readonly Stmt[] | null {
  const { body } = loop;
  if (loop.results.length > 0 || loop.order !== "any" || !body.every(isSimple)) return null;
  const updates = body.flatMap((stmt) => (stmt.do === "store" ? [updateOf(stmt, body, known)] : []));
  if (!updates.every((update) => update !== null) || new Set(updates.map(({ at }) => at.buffer)).size < updates.length)
    return null;
  const loops: For[] = [];
  const conditions = [...new Set(updates.map(({ condition }) => condition))];
  for (const [turn, condition] of conditions.entries()) {
    const own = updates.filter((update) => update.condition === condition);
    const before = updates.filter((update) => conditions.indexOf(update.condition) < turn);
    const part = bodyOf(own, before, body, next);
    if (part === null) return null;
    loops.push({ ...loop, when: condition, body: part });
  }
  const computed = loops.flatMap((own) => own.body.flatMap((stmt) => ("id" in stmt ? [stmt.id] : [])));
  return new Set(computed).size === computed.length ? loops : null;
}

const isSimple = (stmt: Stmt): stmt is Simple =>
  stmt.do === "let" || ((stmt.do === "load" || stmt.do === "store") && stmt.at.by === null);

/** Null: the store writes something else, or where something else is read. */
function updateOf({ at, value }: Store, body: readonly Simple[], known: ReadonlySet<Id>): Update | null {
  const choice = body.find((stmt): stmt is Let => stmt.do === "let" && stmt.id === value);
  if (choice?.op.name !== "select" || !known.has(choice.args[0]!)) return null;
  const reads = body.filter((stmt) => stmt.do === "load" && stmt.at.buffer === at.buffer) as readonly Load[];
  const isHere = ({ at: own }: Load): boolean =>
    own.offset === at.offset && JSON.stringify(own.strides) === JSON.stringify(at.strides);
  if (!reads.every(isHere) || !reads.some(({ id }) => id === choice.args[2])) return null;
  return { condition: choice.args[0]!, at, value: choice.args[1]!, chosen: value };
}

/** What some stores need, and the stores. Null: it would read what loops before have written over. */
function bodyOf(
  own: readonly Update[],
  before: readonly Update[],
  body: readonly Simple[],
  next: { id: Id },
): readonly Stmt[] | null {
  const left = new Map(before.map(({ chosen, at }) => [chosen, { do: "load", id: next.id++, at } satisfies Load]));
  const now = (id: Id): Id => left.get(id)?.id ?? id;
  const needed = new Set(own.map(({ value }) => now(value)));
  const kept: Stmt[] = [];
  for (const stmt of [...body].reverse()) {
    if (stmt.do === "store" || !needed.has(stmt.id)) continue;
    if (stmt.do === "load" && before.some(({ at }) => at.buffer === stmt.at.buffer)) return null;
    const args = stmt.do === "let" ? stmt.args.map(now) : [];
    for (const arg of args) needed.add(arg);
    kept.push(stmt.do === "let" ? { ...stmt, args } : stmt);
  }
  const loads = [...left.values()].filter(({ id }) => needed.has(id));
  const stores = own.map(({ at, value }): Stmt => ({ do: "store", at, value: now(value) }));
  return [...loads, ...kept.reverse(), ...stores];
}
