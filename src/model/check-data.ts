// The data block: base, dims, declarations with their bounds and defaults.

import { diagnose } from "../base/diagnostic.ts";
import type { Report } from "../base/diagnostic.ts";
import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { checkExpr, needData } from "./check-expr.ts";
import { dimValue } from "./check-fun.ts";
import { rangeOfBounds } from "./check-range.ts";
import { define, fault, noFacts } from "./check-scope.ts";
import type { Env, SizeEntry } from "./check-scope.ts";
import { checkArrayType, checkBounds } from "./check-type.ts";
import { fitType } from "./check-value.ts";
import type { DataDecl, DimDecl, Expr, Symbol } from "./model.ts";
import { array, int } from "./types.ts";

/** What indices count from: the `base` of the data block, else 0. */
export function baseOf(block: Ast.DataBlock | null, report: Report): 0 | 1 {
  const items = (block?.items ?? []).filter((item) => item.kind === "base");
  for (const again of items.slice(1)) {
    report.push(
      diagnose("PPL203", again.span, { name: "base" }, { labels: [{ span: items[0]!.span, text: "first here" }] }),
    );
  }
  const [first] = items;
  if (first !== undefined && first.value !== 0 && first.value !== 1) {
    report.push(diagnose("PPL308", first.span, { of: "`base`", problem: "is 0 or 1: what indices count from" }));
  }
  return first?.value === 1 ? 1 : 0;
}

/** The dims of a data block by name; of two of one name the first counts. */
export function dimsOf(block: Ast.DataBlock | null, report: Report): ReadonlyMap<string, Ast.Dim> {
  const found = new Map<string, Ast.Dim>();
  for (const dim of (block?.items ?? []).flatMap((item) => (item.kind === "dim" ? item.dims : []))) {
    const before = found.get(dim.name.text);
    if (before === undefined) found.set(dim.name.text, dim);
    else
      report.push(
        diagnose(
          "PPL203",
          dim.name.span,
          { name: dim.name.text },
          { labels: [{ span: before.name.span, text: "defined here" }] },
        ),
      );
  }
  return found;
}

export const sizesOf = (dims: ReadonlyMap<string, Ast.Dim>): ReadonlyMap<string, SizeEntry> =>
  new Map([...dims].map(([name, { span }]) => [name, { size: name, value: dimValue(name, span) }]));

/** The names that a data block declares. */
export function namesOf(data: Ast.DataBlock): ReadonlyMap<string, Span> {
  return new Map(
    data.items.flatMap((item) => {
      if (item.kind === "dim") return item.dims.map(({ name }) => [name.text, name.span] as const);
      return item.kind === "declaration" ? [[item.name.text, item.name.span] as const] : [];
    }),
  );
}

/** Checks the block in order; its names are entered into the scope of `env`. `before`: dims that stand before it. */
export function checkData(
  block: Ast.DataBlock,
  dims: ReadonlyMap<string, Ast.Dim>,
  env: Env,
  before: readonly DimDecl[] = [],
): { readonly dims: readonly DimDecl[]; readonly data: readonly DataDecl[] } {
  const done: DimDecl[] = [];
  const data: DataDecl[] = [];
  for (const item of block.items) {
    if (item.kind === "dim") {
      const known = item.dims.filter((dim) => dims.get(dim.name.text) === dim);
      for (const dim of known)
        done.push({
          name: dim.name.text,
          from: dim.from,
          value: dimDefault(dim, [...before, ...done], env),
          span: dim.span,
        });
    } else if (item.kind === "declaration") {
      const decl = checkDeclaration(item, env);
      if (decl !== null) data.push(decl);
    }
  }
  return { dims: done, data };
}

/** A default size: an int of data and of dims that stand before it. */
function dimDefault(dim: Ast.Dim, before: readonly DimDecl[], env: Env): Expr | null {
  if (dim.value === null) return null;
  const earlier = new Map([...env.sizes].filter(([name]) => before.some((decl) => decl.name === name)));
  const value = checkExpr(dim.value, { ...env, sizes: earlier });
  return value === null ? null : fitType(value, array(int, []), `dim \`${dim.name.text}\``, env);
}

function checkDeclaration(item: Ast.DataDeclaration, env: Env): DataDecl | null {
  const { name, type: node, from, span } = item;
  if (node.kind === "recordType") {
    define(env, env.scope, name, null);
    return fault(
      env,
      "PPL306",
      node.span,
      { value: name.text, found: "a record", op: "`data`", wants: "numbers, or an array of them" },
      {
        hint: 'declare its fields one by one, each with its key: `a: real from "r.a"`',
      },
    );
  }
  const type = checkArrayType(node, env);
  const value = item.value === null ? null : checkExpr(item.value, env);
  if (type === null) {
    define(env, env.scope, name, null);
    return null;
  }
  checkColumns(item, type.shape, env);
  const bounds = checkBounds(node, type, env);
  const fitted =
    value === null || !needData(env, value, "a default") ? null : fitType(value, type, `\`${name.text}\``, env);
  const imputed = env.block === "data" && env.checker.imputed.has(name.text);
  const symbol: Symbol = {
    name: name.text,
    kind: "data",
    type,
    axes: [],
    stage: imputed ? "latent" : "data",
    span: name.span,
  };
  const facts = { ...noFacts, latents: imputed ? [name.text] : [], range: rangeOfBounds(bounds, env) };
  if (!define(env, env.scope, name, symbol, facts)) return null;
  return { symbol, type, optional: node.optional, bounds, from, value: fitted, span };
}

/** `from ["a", "b"]` puts columns side by side: as many as the last size says. */
function checkColumns({ from, name, span }: Ast.DataDeclaration, shape: DataDecl["type"]["shape"], env: Env): void {
  if (from === null || from.length < 2) return;
  const last = shape.at(-1) ?? null;
  if (shape.length > 0 && (typeof last !== "number" || last === from.length)) return;
  fault(
    env,
    "PPL308",
    span,
    { of: `\`${name.text}\``, problem: `is read from ${from.length} columns` },
    {
      hint: `its last size must be ${from.length}: ${name.text}: real[N, ${from.length}]`,
    },
  );
}
