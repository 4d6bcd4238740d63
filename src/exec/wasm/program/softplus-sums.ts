// Sums over a loop that softplus x = max(x, 0) + log(1 + e^-|x|) is part of: the logarithms leave the sum, since theirs is the logarithm of a product
// (codegen, section 4). Only where nothing else reads the softplus.

import type { MapOp } from "../../../ir/op.ts";
import { add, maximum, minimum, neg, sub } from "../../../op/index.ts";
import type { Id, Program, Result, Stmt } from "./program.ts";
import { everyStmt, firstFreeId, readBy, type For } from "./statements.ts";

type Let = Extract<Stmt, { do: "let" }>;

type State = { readonly known: ReadonlyMap<Id, Stmt>; next: Id };

export function softplusSums({ buffers, body }: Program): Program {
  const known = new Map(everyStmt(body).flatMap((stmt) => ("id" in stmt ? [[stmt.id, stmt] as const] : [])));
  const state = { known, next: firstFreeId(body) };
  return { buffers, body: body.flatMap((stmt) => outside(stmt, state)) };
}

/** A statement, with what its results take after it. */
function outside(stmt: Stmt, state: State): readonly Stmt[] {
  if (stmt.do !== "for") return [stmt];
  const loop = { ...stmt, body: stmt.body.flatMap((own) => outside(own, state)) };
  const own = ownIn(loop);
  const split = loop.results.map((result) => apart(result, own, state));
  const inside = [
    ...loop.body.flatMap((one) => weighed(one, own, state)),
    ...split.flatMap(({ inside: made }) => made),
  ];
  const results = split.flatMap((one) => one.results);
  const shorter = { ...loop, results, body: read(inside, results) };
  const isGone = ownIn(shorter).size === 0 && own.size > 0;
  return isGone ? [shorter, ...split.flatMap(({ after }) => after)] : [loop];
}

const SOFT: ReadonlySet<string> = new Set(["softplus", "logSigmoid"]);

/** softplus and what is minus one, computed in the body itself. */
const ownIn = ({ body }: For): ReadonlySet<Stmt> =>
  new Set(body.filter((stmt) => stmt.do === "let" && SOFT.has(stmt.op.name)));

// ---------------------------------------------------------------------------------------- sums as trees

const letOf = (op: MapOp, args: readonly Id[], made: Stmt[], state: State): Id => {
  made.push({ do: "let", id: state.next, op, args });
  return state.next++;
};

/** The sum that `id` is, with `instead` of each softplus in it. */
function sumWith(id: Id, instead: (own: Let, sign: 1 | -1) => Id, sign: 1 | -1, made: Stmt[], state: State): Id {
  const stmt = state.known.get(id);
  if (stmt?.do !== "let") return id;
  const again = (i: number, by: 1 | -1): Id => sumWith(stmt.args[i]!, instead, by, made, state);
  if (SOFT.has(stmt.op.name)) return instead(stmt, sign);
  if (isGuard(stmt, state)) return again(1, sign);
  const minus = -sign as 1 | -1;
  const args =
    stmt.op === neg.op
      ? [again(0, minus)]
      : stmt.op === add.op || stmt.op === sub.op
        ? [again(0, sign), again(1, stmt.op === sub.op ? minus : sign)]
        : stmt.args;
  return args.every((arg, i) => arg === stmt.args[i]) ? id : letOf(stmt.op, args, made, state);
}

/** max(x, 0) for softplus x, min(x, 0) for -softplus(-x). */
function bound({ op, args }: Let, made: Stmt[], state: State): Id {
  const zero = state.next++;
  made.push({ do: "number", id: zero, value: 0 });
  return letOf((op.name === "softplus" ? maximum.op : minimum.op) as MapOp, [args[0]!, zero], made, state);
}

const numberIn = (id: Id, { known }: State): number | null => {
  const stmt = known.get(id);
  return stmt?.do === "number" ? stmt.value : null;
};

const argsOf = (id: Id, name: string, { known }: State): readonly Id[] => {
  const stmt = known.get(id);
  return stmt?.do === "let" && stmt.op.name === name ? stmt.args : [];
};

/** x where x is not c, else c: x itself. */
function isGuard({ op, args }: Let, state: State): boolean {
  if (op.name !== "select") return false;
  const [condition, x, c] = args as [Id, Id, Id];
  const [compared, to] = argsOf(argsOf(condition, "not", state)[0] ?? -1, "equal", state);
  return compared === x && numberIn(c, state) !== null && numberIn(to!, state) === numberIn(c, state);
}

// ---------------------------------------------------------------------------------------- what becomes of them

type Split = { readonly results: readonly Result[]; readonly inside: readonly Stmt[]; readonly after: readonly Stmt[] };

/** A result in terms of sums that have no softplus in them, and of what it is above its bound. The bound stays in its sum: there it cancels with what it is
 *  near, number by number. */
function apart(result: Result, own: ReadonlySet<Stmt>, state: State): Split {
  if (result.meet !== "sum" || result.each !== undefined) return { results: [result], inside: [], after: [] };
  const inside: Stmt[] = [];
  const soft: { readonly of: Id; readonly sign: 1 | -1 }[] = [];
  const instead = (stmt: Let, sign: 1 | -1): Id => {
    if (!own.has(stmt)) return stmt.id;
    soft.push({ of: stmt.args[0]!, sign: stmt.op.name === "softplus" ? sign : (-sign as 1 | -1) });
    return bound(stmt, inside, state);
  };
  const of = sumWith(result.of, instead, 1, inside, state);
  if (soft.length === 0) return { results: [result], inside: [], after: [] };
  const rest: Result = { id: state.next++, of, meet: "sum" };
  const sums = soft.map((one): Result => ({ id: state.next++, of: one.of, meet: "sum", each: "excess" }));
  const after: Stmt[] = [];
  soft.reduce((total, { sign }, i) => {
    const id = i === soft.length - 1 ? result.id : state.next++;
    after.push({ do: "let", id, op: (sign === 1 ? add.op : sub.op) as MapOp, args: [total, sums[i]!.id] });
    return id;
  }, rest.id);
  return { results: [rest, ...sums], inside, after };
}

/** Whether a sum is infinite can be asked with the bound in place of softplus x: they differ by at most log 2, which no number near the largest one feels. */
function weighed(stmt: Stmt, own: ReadonlySet<Stmt>, state: State): readonly Stmt[] {
  if (stmt.do !== "let" || stmt.op.name !== "equal") return [stmt];
  const [x, to] = stmt.args as [Id, Id];
  if (Math.abs(numberIn(to, state) ?? 0) !== Infinity) return [stmt];
  const made: Stmt[] = [];
  const about = sumWith(x, (soft) => (own.has(soft) ? bound(soft, made, state) : soft.id), 1, made, state);
  return [...made, { ...stmt, args: [about, to] }];
}

/** Without what nothing reads. */
function read(body: readonly Stmt[], results: readonly Result[]): readonly Stmt[] {
  const wanted = new Set(results.map(({ of }) => of));
  const kept = [...body].reverse().filter((stmt) => {
    if ((stmt.do === "let" || stmt.do === "number" || stmt.do === "load") && !wanted.has(stmt.id)) return false;
    for (const one of everyStmt([stmt])) for (const id of readBy(one)) wanted.add(id);
    return true;
  });
  return kept.reverse();
}
