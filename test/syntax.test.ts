// Text → AST → text: on random programs the printed form means the same, on any text the parser answers.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keywords, symbols } from "../grammar/tokens.ts";
import { parse } from "../src/syntax/parse.ts";
import { format } from "../src/syntax/print.ts";
import type { Expr, Statement } from "../src/syntax/ast.ts";
import { bareTree, disorderly, file } from "./support/ppl-arbitrary.ts";

const seed = 20260801;
const read = (text: string) => parse({ path: "test.ppl", text });

/** Parses text that must be right. */
function readClean(text: string) {
  const { file: tree, report } = read(text);
  expect(
    report.map((found) => found.message),
    text,
  ).toEqual([]);
  return tree;
}

describe("random programs", () => {
  test("names of estimators stay one word, and a comment inside is kept", () => {
    const formatted = (attribute: string): string =>
      format(parse({ path: "m.ppl", text: `model { ${attribute} sample z ~ Bernoulli(0.5) }` }).file!);
    expect(formatted("@estimator(reinmax - rao,draws=8)")).toContain("@estimator(reinmax-rao, draws = 8)");
    expect(formatted('@estimator("arsm+")')).toContain('@estimator("arsm+")');
    expect(formatted("@estimator(reinmax /* second order */ - rao)")).toContain("/* second order */");
  });

  test("parse(format(tree)) is the tree, and format is idempotent", () => {
    fc.assert(
      fc.property(file, (tree) => {
        const text = format(tree);
        const back = readClean(text);
        expect(bareTree(back)).toEqual(bareTree(tree));
        expect(format(back)).toBe(text);
      }),
      { seed, numRuns: 300 },
    );
  });

  test("white space changes nothing", () => {
    const cases = file.chain((tree) => disorderly(format(tree), false).map((text) => ({ tree, text })));
    fc.assert(
      fc.property(cases, ({ tree, text }) => {
        const back = readClean(text);
        expect(bareTree(back)).toEqual(bareTree(tree));
        expectStable(text);
      }),
      { seed, numRuns: 150 },
    );
  });

  test("comments are kept, each once, and stay where the formatter put them", () => {
    const cases = file.chain((tree) => disorderly(format(tree), true).map((text) => ({ tree, text })));
    fc.assert(
      fc.property(cases, ({ tree, text }) => {
        const before = readClean(text);
        const after = readClean(format(before));
        expect(bareTree(after)).toEqual(bareTree(tree));
        const texts = (of: typeof before) => of.comments.map((one) => one.text).sort();
        expect(texts(after)).toEqual(texts(before));
        expectStable(text);
      }),
      { seed, numRuns: 250 },
    );
  });
});

function expectStable(text: string): void {
  const once = format(readClean(text));
  expect(format(readClean(once))).toBe(once);
  expect(once).not.toMatch(/[ \t]\n/);
}

// ----------------------------------------------------------------------------------------------- any text

describe("any text", () => {
  const words = [
    ...keywords,
    ...Object.values(symbols),
    "x",
    "y",
    "Normal",
    "3",
    "0.5",
    '"s"',
    "//",
    "/*",
    "*/",
    '"',
    "1.",
    "#",
    "\n",
  ];
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(" "));
  const program = file.map(format);

  /** No exception; every place lies in the text; what is refused has an error, and only codes of this stage appear. */
  function expectAnswer(text: string): void {
    const { file: tree, report } = read(text);
    expect(tree.span).toMatchObject({ start: 0, end: text.length });
    for (const { code, at, message, severity } of report) {
      expect(code).toMatch(/^PPL10[1-6]$/);
      expect(severity).toBe("error");
      expect(message).not.toMatch(/undefined|NaN|\[object/);
      if (at.kind !== "source") throw new Error("a syntax error without a place in the text");
      expect(at.span.start).toBeGreaterThanOrEqual(0);
      expect(at.span.end).toBeGreaterThanOrEqual(at.span.start);
      expect(at.span.end).toBeLessThanOrEqual(text.length);
    }
  }

  test("random characters", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), expectAnswer), { seed, numRuns: 300 });
  });

  test("random tokens", () => {
    fc.assert(fc.property(soup, expectAnswer), { seed, numRuns: 400 });
    fc.assert(
      fc.property(
        soup.map((text) => `model { ${text} }`),
        expectAnswer,
      ),
      { seed, numRuns: 400 },
    );
  });

  test("truncated programs", () => {
    const cut = program.chain((text) => fc.nat(text.length).map((end) => text.slice(0, end)));
    fc.assert(fc.property(cut, expectAnswer), { seed, numRuns: 150 });
  });

  test("programs with a piece replaced", () => {
    const changed = program.chain((text) =>
      fc
        .tuple(fc.nat(text.length), fc.nat(12), soup)
        .map(([at, gone, put]) => text.slice(0, at) + put.slice(0, 20) + text.slice(at + gone)),
    );
    fc.assert(fc.property(changed, expectAnswer), { seed, numRuns: 300 });
  });

  test.each([
    ["nothing", "", 0],
    ["a comment", "// nothing", 0],
    ["a byte order mark", "\uFEFFmodel { }", 0],
    ["30,000 brackets", "(".repeat(30_000), 1],
    ["30,000 signs", `model { let x = ${"-".repeat(30_000)}1 }`, 1],
    ["a sum of 5,000 terms", `model { let x = ${"a + ".repeat(5_000)}1 }`, 0],
    ["200 brackets", `model { let x = ${"(".repeat(200)}1${")".repeat(200)} }`, 0],
    ["500 bad statements", `model { ${"x ~ N(0)\n".repeat(500)}}`, 20],
    ["500 open brackets", `model { ${"let x = f(1,\n".repeat(500)}}`, 20],
    ["500 keywords", "let ".repeat(500), 1],
    ["an open comment", "/*", 1],
    ["a keyword", "model", 1],
  ])("%s", (_, text, errors) => {
    expect(read(text).report).toHaveLength(errors);
  });
});

// ----------------------------------------------------------------------------------------------- meaning of the text

/** `let x = …` in a model: its value. */
function valueOf(text: string): Expr {
  const item = readClean(`model { let x = ${text} }`).items[0];
  const statement = item?.kind === "model" ? item.body.statements[0] : undefined;
  if (statement?.kind !== "let") throw new Error("no let");
  return statement.value;
}

/** The expression with all of its structure in brackets. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case "binary":
      return `(${shape(expr.left)} ${expr.op} ${shape(expr.right)})`;
    case "unary":
      return `(${expr.op}${shape(expr.operand)})`;
    case "if":
      return `(if ${shape(expr.condition)} then ${shape(expr.then)} else ${shape(expr.otherwise)})`;
    case "parens":
      return shape(expr.inner);
    case "subscript": {
      const subs = expr.subs.map((sub) =>
        sub.kind === "index" ? shape(sub.value) : `${sub.from ? shape(sub.from) : ""}..${sub.to ? shape(sub.to) : ""}`,
      );
      return `${shape(expr.base)}[${subs.join(", ")}]`;
    }
    case "field":
      return `${shape(expr.base)}.${expr.field.text}`;
    case "call":
      return `${expr.name.text}(${expr.args.map((arg) => shape(arg.value)).join(", ")})`;
    case "name":
      return expr.name.text;
    case "int":
    case "real":
      return expr.text;
    default:
      return expr.kind;
  }
}

describe("expressions", () => {
  test.each([
    ["a + b * c", "(a + (b * c))"],
    ["a - b - c", "((a - b) - c)"],
    ["-x^2", "(-(x ^ 2))"],
    ["2^-1", "(2 ^ (-1))"],
    ["a^b^c", "(a ^ (b ^ c))"],
    ["!a && b || c", "(((!a) && b) || c)"],
    ["a + b < c * d", "((a + b) < (c * d))"],
    ["if a then b else c + 1", "(if a then b else (c + 1))"],
    ["x[i].f[1..3]", "x[i].f[1..3]"],
    ["x[.., 1]", "x[.., 1]"],
    ["x[a + 1..]", "x[(a + 1)..]"],
    ["f(x)(y)", null],
    ["-a * b", "((-a) * b)"],
    ["a % b / c", "((a % b) / c)"],
    ["f(a = 1, b)", "f(1, b)"],
    ["a < b < c", null],
    ["1..3", null],
  ])("%s", (text, expected) => {
    if (expected === null) expect(read(`model { let x = ${text} }`).report).not.toEqual([]);
    else expect(shape(valueOf(text))).toBe(expected);
  });

  test("spans cover exactly the text of a node", () => {
    const text = "  if a then f(x[1])  else  -b^2 ";
    const value = valueOf(text);
    const cut = ({ span }: Expr): string => span.source.text.slice(span.start, span.end);
    expect(cut(value)).toBe(text.trim());
    if (value.kind !== "if") throw new Error("no if");
    expect([value.condition, value.then, value.otherwise].map(cut)).toEqual(["a", "f(x[1])", "-b^2"]);
  });

  test("strings have the escapes of JSON", () => {
    const text = '"a\\"b\\\\c\\n\\u0041\\/"';
    const value = valueOf(text);
    expect(value.kind === "string" && value.value).toBe(JSON.parse(text));
  });

  test("a name may begin with a reserved word", () => {
    expect(shape(valueOf("data_x + inner + iffy + truely"))).toBe("(((data_x + inner) + iffy) + truely)");
  });
});

describe("recovery", () => {
  const good = [
    "sample a ~ Normal(0, 1)",
    "let b = 2",
    "plate i in N { observe y[i] ~ Normal(a, b) }",
    "factor -a",
    "report c = a * b",
  ];
  const bad = [
    "theta ~ Normal(0, 1)",
    "let x = (1 + ",
    "let x = 1 2 3",
    "sample ~ 3",
    "plate i N { }",
    "observe",
    "x = ]",
    "let y = f(1,, 2)",
    "let z = 1.",
    'let s = "abc',
    "sample scan ~ Normal(0, 1)",
    "if a = 1 { let q = 1 }",
    "let w = { a 1 }",
    "report r ~ 3",
  ];

  const kinds = (statements: readonly Statement[]): string[] => statements.map((one) => one.kind);

  test.each(bad)("%s: one error, and the statements around it are read", (broken) => {
    for (let at = 0; at <= good.length; at++) {
      const lines = [...good.slice(0, at), broken, ...good.slice(at)];
      const { file: tree, report } = read(`model {\n  ${lines.join("\n  ")}\n}\n`);
      expect(
        report.map((one) => one.message),
        broken,
      ).toHaveLength(1);
      const item = tree.items[0];
      const found = item?.kind === "model" ? item.body.statements : [];
      for (const kind of ["sample", "let", "plate", "factor", "report"]) expect(kinds(found)).toContain(kind);
    }
  });

  test("every bad statement of a body has its error", () => {
    const lines = bad.filter((line) => line !== "observe" && !line.includes("abc")); // these two reach into the next line
    const { report } = read(`model {\n  ${lines.join("\n  ")}\n}\n`);
    expect(report).toHaveLength(lines.length);
  });

  test("a value that cannot be read is `missing`, and its statement stays", () => {
    const { file: tree } = read("model { let x = 1 + * 2\n let y = x }");
    const item = tree.items[0];
    expect(item?.kind === "model" && item.body.statements).toMatchObject([
      { kind: "let", target: { name: { text: "x" } }, value: { kind: "missing" } },
      { kind: "let", target: { name: { text: "y" } }, value: { kind: "name" } },
    ]);
  });

  test("the statements of a block are read when its header is not", () => {
    const { file: tree, report } = read("model { plate i of N { sample x[i] ~ Normal(0 1) let b = 2 } let c = 3 }");
    expect(report).toHaveLength(2);
    const item = tree.items[0];
    expect(item?.kind === "model" && kinds(item.body.statements)).toEqual(["sample", "let", "let"]);
  });
});

// ----------------------------------------------------------------------------------------------- layout

describe("format", () => {
  const laidOut = (text: string): string => format(readClean(text));

  test("a block written on one line stays there if it fits", () => {
    expect(laidOut("model{plate i in N{let a=1 let b=2;}}")).toBe("model { plate i in N { let a = 1; let b = 2 } }\n");
    expect(laidOut("model {\n plate i in N{let a=1 let b=2}}")).toBe(
      "model {\n  plate i in N { let a = 1; let b = 2 }\n}\n",
    );
    const long = `let a = f(${"argument, ".repeat(8)}last)`;
    expect(laidOut(`model { ${long} }`)).toBe(`model {\n  ${long}\n}\n`);
  });

  test("an if keeps all of its branches on one line, or none", () => {
    expect(laidOut("model { if a { let b = 1 } else if c { } else { let d = 1 } }")).toBe(
      "model { if a { let b = 1 } else if c { } else { let d = 1 } }\n",
    );
    expect(laidOut("model {\nif a { let b = 1 }\nelse {\nlet d = 1 } }")).toBe(
      "model {\n  if a {\n    let b = 1\n  } else {\n    let d = 1\n  }\n}\n",
    );
  });

  test("what is longer than 100 columns is broken at its outermost commas and operators", () => {
    const terms = Array.from({ length: 12 }, (_, i) => `coefficient_${i}`);
    expect(laidOut(`model {\nlet a = ${terms.join(" + ")}\nlet b = f(${terms.join(", ")})\n}`)).toBe(
      [
        "model {",
        "  let a = coefficient_0",
        ...terms.slice(1).map((term) => `    + ${term}`),
        "  let b = f(",
        ...terms.map((term, i) => `    ${term}${i < 11 ? "," : ""}`),
        "  )",
        "}",
        "",
      ].join("\n"),
    );
  });

  test("comments keep their side of the code", () => {
    const text = [
      "// head",
      "",
      "data { dim N } // sizes",
      "// of the model",
      "model { // opening",
      "  // before",
      "  sample a ~ Normal(",
      "    0, // mean",
      "    1",
      "    // below",
      "  ) // after",
      "",
      "  /* block */",
      "  let b = f(/* named */ a) // end",
      "}",
      "// last",
      "",
    ].join("\n");
    expect(laidOut(text)).toBe(text);
  });

  test("empty lines: at most one is kept, blocks are set apart", () => {
    expect(
      laidOut('import "a"\nimport "b"\nmodel {\n\n\n let a = 1\n\n\n\n let b = 2\n\n}\nguide {\n default meanfield\n}'),
    ).toBe('import "a"\nimport "b"\n\nmodel {\n  let a = 1\n\n  let b = 2\n}\n\nguide {\n  default meanfield\n}\n');
  });

  test("an empty file stays empty", () => expect(laidOut(" \n\n")).toBe(""));
});
