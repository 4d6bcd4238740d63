// What each stage of the compiler made of a model, as text: the flag of `variate print`, and what golden tests compare.

import type { Diagnostic } from "./base/diagnostic.ts";
import { VariateError } from "./base/diagnostic.ts";
import { amount } from "./base/bytes.ts";
import type { Source } from "./base/span.ts";
import { checkedModel, compile, type CompileOptions } from "./compile.ts";
import { choicesOf } from "./explain.ts";
import type { Prepared, Wishes } from "./build/prepared.ts";
import type { Precision } from "./exec/wasm/code/lanes.ts";
import { printProgram } from "./exec/wasm/program/print.ts";
import type { Graph } from "./ir/node.ts";
import { printGraph } from "./ir/print.ts";
import { printModel } from "./model/print.ts";
import { printAst } from "./syntax/print-ast.ts";
import { parse } from "./syntax/parse.ts";
import { hasErrors } from "./base/diagnostic.ts";
import { evaluation } from "./run/graphs.ts";
import { lowered, memoryIn } from "./run/lowered.ts";
import type { RawData } from "./result.ts";

export type Stage = "ast" | "model" | "choices" | "graph" | "grad" | "program";

/** `graph` is the objective before gradients, control ops included; `grad` is what one evaluation runs, `program` what
 *  the WebAssembly engine makes of that at the sizes of one step (of one draw, where draws are held fixed). Throws
 *  `VariateError`. */
export function printStage(
  source: Source,
  data: RawData | null,
  stage: Stage,
  options: CompileOptions = {},
): { readonly text: string; readonly report: readonly Diagnostic[] } {
  if (stage === "ast") return printedAst(source);
  if (stage === "model") {
    const { model, report } = checkedModel(source);
    return { text: printModel(model), report };
  }
  const { prepared, wishes, report, engine } = compile(source, data, options);
  if (stage === "choices") return { text: choiceLines(choicesOf(prepared)), report };
  const {
    built: { objective },
    graph,
  } = evaluation(prepared, wishes.batch);
  if (stage === "grad") return { text: printGraph(graph), report };
  if (stage === "program") return { text: programText(graph, prepared, wishes, engine.engine.precision), report };
  const value = { value: objective.perDraw };
  return {
    text: printGraph({ outputs: prepared.method.name === "fixed" ? value : { ...value, root: objective.root } }),
    report,
  };
}

function programText(graph: Graph, prepared: Prepared, wishes: Wishes, precision: Precision): string {
  const program = lowered(graph, prepared, wishes);
  const { data, parameters, temporaries, total } = memoryIn(program, precision);
  const parts = `data ${amount(data)}, leaves ${amount(parameters)}, values ${amount(temporaries)}`;
  return `// memory ${amount(total)}: ${parts}\n${printProgram(program)}`;
}

function printedAst(source: Source): { readonly text: string; readonly report: readonly Diagnostic[] } {
  const { file, report } = parse(source);
  if (hasErrors(report)) throw new VariateError(report);
  return { text: printAst(file), report };
}

const choiceLines = (choices: ReturnType<typeof choicesOf>): string =>
  choices
    .map((c) =>
      [
        `${c.site}: ${c.kind}; guide ${c.guide}; estimator ${c.estimator}; bias ${c.bias}; cost ${c.cost}`,
        `  because ${c.reason}`,
        ...c.rejected.map((r) => `  not ${r.estimator}: ${r.reason}`),
      ].join("\n"),
    )
    .join("\n") + "\n";
