// A `predict` block: data of its own, then draws and reports that see every name of the model's outermost level.

import type { Span } from "../base/span.ts";
import type * as Ast from "../syntax/ast.ts";
import { targetsOf } from "../syntax/walk.ts";
import { checkData, dimsOf, namesOf, sizesOf } from "./check-data.ts";
import { definedReports } from "./check-reports.ts";
import { fault, newScope } from "./check-scope.ts";
import type { Env } from "./check-scope.ts";
import { checkBody } from "./check-statement.ts";
import { eachStmt } from "./check-walk.ts";
import type { DimDecl, Predict, Stmt } from "./model.ts";

/** `model`: the environment at the end of the model block; `dims`: those of the file's data block. */
export function checkPredicts(
  blocks: readonly Ast.PredictBlock[],
  model: Env,
  dims: readonly DimDecl[],
): readonly Predict[] {
  const checked = blocks.map((block) => checkPredict(block, model, dims));
  refuseShared(checked, model);
  return checked;
}

function checkPredict({ data, body, span }: Ast.PredictBlock, model: Env, dims: readonly DimDecl[]): Predict {
  const own = dimsOf(data, model.checker.report);
  for (const [name, dim] of own) {
    const before = dims.find((known) => known.name === name);
    if (before !== undefined)
      fault(model, "PPL203", dim.name.span, { name }, { labels: [{ span: before.span, text: "defined here" }] });
  }
  for (const item of data?.items ?? []) {
    if (item.kind === "base")
      fault(model, "PPL308", item.span, {
        of: "`base`",
        problem: "stands in the file's own data block, and holds for the whole file",
      });
  }
  const env: Env = {
    ...model,
    scope: newScope("root", model.scope),
    block: "data",
    sizes: new Map([...model.sizes, ...sizesOf(own)]),
    later: data === null ? new Map() : namesOf(data),
  };
  const declared = data === null ? { dims: [], data: [] } : checkData(data, own, env, dims);
  const inside: Env = { ...env, scope: newScope("root", env.scope), block: "predict", later: targetsOf(body) };
  return { ...declared, body: definedReports(checkBody(body, inside, null), model.checker), span };
}

/** Blocks see nothing of each other, but share the names of the data and of the output. */
function refuseShared(blocks: readonly Predict[], env: Env): void {
  const seen = new Map<string, Span>();
  for (const block of blocks) {
    const names = [...block.dims, ...block.data.map(({ symbol }) => symbol), ...outputsOf(block.body)];
    for (const { name, span } of names) {
      const before = seen.get(name);
      if (before !== undefined)
        fault(env, "PPL203", span, { name }, { labels: [{ span: before, text: "defined here" }] });
    }
    for (const { name, span } of names) seen.set(name, span);
  }
}

function outputsOf(body: readonly Stmt[]): readonly { readonly name: string; readonly span: Span }[] {
  const found: { readonly name: string; readonly span: Span }[] = [];
  eachStmt(body, (stmt) => {
    if (stmt.kind === "sample" || stmt.kind === "report") found.push({ name: stmt.outputName, span: stmt.span });
  });
  return found;
}
