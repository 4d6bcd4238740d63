// What passes over programs ask of statements: those inside loops, the values that they define and read.

import type { Id, Stmt } from "./program.ts";

export type For = Extract<Stmt, { do: "for" }>;

/** Statements with those inside loops. */
export const everyStmt = (body: readonly Stmt[]): readonly Stmt[] =>
  body.flatMap((stmt) => ("body" in stmt ? [stmt, ...everyStmt(stmt.body)] : [stmt]));

/** Values that are known after a statement. */
export const definedBy = (stmt: Stmt): readonly Id[] =>
  stmt.do === "for" ? stmt.results.map(({ id }) => id) : "id" in stmt ? [stmt.id] : [];

/** Values that a statement reads itself; those of a loop's body are its statements'. */
export function readBy(stmt: Stmt): readonly Id[] {
  const index = "at" in stmt && stmt.at.by !== null ? [stmt.at.by.index] : [];
  if (stmt.do === "let") return stmt.args;
  if (stmt.do === "draw") return [...stmt.args, ...stmt.element.members.map(({ id }) => id)];
  if (stmt.do === "for") return [...stmt.results.map(({ of }) => of), ...(stmt.when === undefined ? [] : [stmt.when])];
  return stmt.do === "store" || stmt.do === "meet" ? [stmt.value, ...index] : index;
}

/** The first id above all that statements define. */
export const firstFreeId = (body: readonly Stmt[]): Id =>
  everyStmt(body)
    .flatMap(definedBy)
    .reduce((most, id) => Math.max(most, id + 1), 0);
