// Which statements stand in which block (PPL104), and where `return` stands in a `fun` or `net` (PPL106).

import { diagnose, type Diagnostic, type Report } from "../base/diagnostic.ts";
import type { Body, File, Fun, Item, Net, Statement } from "./ast.ts";
import { allStatements } from "./walk.ts";

type Kind = Statement["kind"];
type Block = "model" | "guide" | "predict" | "fun" | "net";

const everywhere: readonly Kind[] = ["let", "plate", "scan", "if"];
const allowed: Record<Block, readonly Kind[]> = {
  model: [...everywhere, "sample", "observe", "factor", "param", "report"],
  guide: [...everywhere, "sample", "param", "default", "block"],
  predict: [...everywhere, "sample", "report"],
  fun: [...everywhere, "return"],
  net: [...everywhere, "return"],
};

export const checkBlocks = (file: File): Report => file.items.flatMap(checkItem);

function checkItem(item: Item): readonly Diagnostic[] {
  switch (item.kind) {
    case "model":
    case "guide":
    case "predict":
      return checkBody(item.kind, item.body);
    case "net":
      return [...checkBody("net", item.body), ...checkReturn(item, item.body)];
    case "fun":
      if (item.body.kind === "expr") return [];
      return [...checkBody("fun", item.body.body), ...checkReturn(item, item.body.body)];
    default:
      return [];
  }
}

function checkBody(block: Block, body: Body): readonly Diagnostic[] {
  return allStatements(body)
    .filter((one) => !allowed[block].includes(one.kind))
    .map((one) => misplaced(block, one));
}

// ----------------------------------------------------------------------------------------------- misplaced

function misplaced(block: Block, statement: Statement): Diagnostic {
  const start = statement.attributes.at(-1)?.span.end ?? statement.span.start;
  const blanks = /^\s*/.exec(statement.span.source.text.slice(start))![0].length;
  const word = { ...statement.span, start: start + blanks, end: start + blanks + statement.kind.length };
  const hint = reasons[block]?.[statement.kind] ?? `here stand ${allowed[block].join(", ")}`;
  return diagnose("PPL104", word, { statement: statement.kind, block }, { hint });
}

const noRandom = "a function is pure: sample in the model and hand the value over as an argument";
const reasons: Partial<Record<Block, Partial<Record<Kind, string>>>> = {
  model: {
    return: "`return` ends a fun or net; a value of the model is given out by report",
    default: "guide families are chosen in guide { … }",
    block: "guide families are chosen in guide { … }",
  },
  guide: {
    observe: "data enter by observe in the model; a guide may read them in expressions",
    factor: "a guide is a distribution one can draw from; a factor belongs in the model",
    report: "derived quantities are reported in the model or in predict",
    return: "`return` ends a fun or net",
  },
  predict: {
    observe: "`predict` runs after the fit: observe in the model, or sample a new value here",
    factor: "`predict` runs after the fit and changes no density: move the factor to the model",
    param: "`predict` runs after the fit: a param belongs in the model or the guide",
    return: "`return` ends a fun or net; a value is given out by report",
  },
  fun: { sample: noRandom, observe: noRandom, factor: noRandom, param: "weights belong in a net" },
  net: { sample: noRandom, observe: noRandom, factor: noRandom, param: "the layers of a net bring their own weights" },
};

// ----------------------------------------------------------------------------------------------- return

function checkReturn(item: Fun | Net, body: Body): readonly Diagnostic[] {
  const last = body.statements.at(-1);
  const early = allStatements(body).filter((one) => one.kind === "return" && one !== last);
  const name = item.name.text;
  const wrong = early.map((one) =>
    diagnose("PPL106", one.span, { name, problem: "not last" }, { hint: hintForEarly(body, one) }),
  );
  if (last?.kind === "return" || early.length > 0) return wrong;
  const closing = { ...body.span, start: Math.max(body.span.end - 1, body.span.start) };
  return [
    diagnose(
      "PPL106",
      closing,
      { name, problem: "missing" },
      {
        labels: [{ span: item.name.span, text: "declared here" }],
        hint: "end the body with return and an expression",
      },
    ),
  ];
}

const hintForEarly = (body: Body, early: Statement): string =>
  body.statements.includes(early)
    ? "nothing can follow a return: move it to the end of the body"
    : "a choice is made by an expression: return if c then a else b";
