// Diagnostics as text and as JSON: excerpts, carets, places in data and runs; and the nearest name for hints.

import { describe, expect, test } from "vitest";
import { diagnose, type Diagnostic, type Place } from "../src/base/diagnostic.ts";
import { renderJson, renderText } from "../src/base/render.ts";
import type { Source, Span } from "../src/base/span.ts";
import { didYouMean, nearest, slips } from "../src/base/suggest.ts";
import { check } from "../src/model/check.ts";
import { parse } from "../src/syntax/parse.ts";
import { badModels, badTexts } from "./support/bad-programs.ts";

const source = (text: string, path = "m.ppl"): Source => ({ path, text });

/** The place of `part` in a source. */
function spanOf(of: Source, part: string): Span {
  const start = of.text.indexOf(part);
  if (start < 0) throw new Error(`no ${part}`);
  return { source: of, start, end: start + part.length };
}

const at = (place: Place | Span, extra: Partial<Diagnostic> = {}): Diagnostic => ({
  ...diagnose("PPL101", place, { expected: null, found: "`x`" }),
  ...extra,
});

/** The line of marks of the first excerpt, without its gutter. */
function marks(text: string, part: string): { line: string; marks: string } {
  const of = source(text);
  const lines = renderText([at(spanOf(of, part))]).split("\n");
  return { line: lines[2]!.slice(4), marks: lines[3]!.slice(4) };
}

describe("goldens: what a person reads", () => {
  const golden = async (name: string, text: string, report: readonly Diagnostic[]): Promise<void> => {
    const page = `# ${name}\n\n\`\`\`ppl\n${text.trimEnd()}\n\`\`\`\n\n\`\`\`text\n${renderText(report)}\n\`\`\`\n`;
    await expect(page).toMatchFileSnapshot(`golden/diagnostics/${name}.md`);
    expect(report.length).toBeGreaterThan(0);
  };
  test.each(Object.entries(badTexts))("%s", async (name, text) => {
    await golden(name, text, parse(source(text, `${name}.ppl`)).report);
  });
  test.each(Object.entries(badModels))("%s", async (name, text) => {
    await golden(name, text, check(source(text, `${name}.ppl`)).report);
  });
});

describe("excerpts", () => {
  const model = source("model {\n  sample theta ~ Normal(mu,\n    1)\n}\n");

  test("severity, code, place, excerpt, hint", () => {
    expect(renderText([at(spanOf(model, "mu"), { hint: "do this" })])).toBe(
      [
        "error[PPL101]: unexpected `x`",
        " --> m.ppl:2:25",
        "2 |   sample theta ~ Normal(mu,",
        "  |                         ^^",
        "  = hint: do this",
      ].join("\n"),
    );
  });

  test("a span over several lines marks its first line to the end", () => {
    expect(marks(model.text, "Normal(mu,\n    1)").marks).toBe(`${" ".repeat(17)}${"^".repeat(10)}`);
  });

  test("an empty span has one mark", () => {
    const text = renderText([at({ source: model, start: 7, end: 7 })]);
    expect(text.split("\n")[3]).toBe("  |        ^");
  });

  test("labels: on the line of the place below its mark, elsewhere with their own line", () => {
    const labels = [
      { span: spanOf(model, "theta"), text: "a site" },
      { span: spanOf(model, "1)"), text: "its scale" },
    ];
    expect(
      renderText([at(spanOf(model, "mu"), { labels })])
        .split("\n")
        .slice(3),
    ).toEqual(["  |                         ^^", "  |          ----- a site", "3 |     1)", "  |     -- its scale"]);
  });

  test("a label in another file names it", () => {
    const other = source("fun f(x: real) -> real = x\n", "lib.ppl");
    const text = renderText([
      at(spanOf(model, "mu"), { labels: [{ span: spanOf(other, "f(x"), text: "defined here" }] }),
    ]);
    expect(text.split("\n").slice(4)).toEqual([
      "  | lib.ppl:1:5",
      "1 | fun f(x: real) -> real = x",
      "  |     --- defined here",
    ]);
  });

  test("line numbers are aligned", () => {
    const long = source(`${"\n".repeat(9)}a b\n${"\n".repeat(90)}c\n`);
    const text = renderText([
      at(spanOf(long, "b"), { labels: [{ span: spanOf(long, "c"), text: "here" }], hint: "h" }),
    ]);
    expect(text.split("\n").slice(1)).toEqual([
      "   --> m.ppl:10:3",
      " 10 | a b",
      "    |   ^",
      "101 | c",
      "    | - here",
      "    = hint: h",
    ]);
  });

  test.each([
    ["tabs", "\tlet a\t= x", "x"],
    ["wide letters", 'let 日本 = "🙂🙂" + x', "x"],
    ["combining marks", "let e\u0301e\u0301 = x", "x"],
    ["zero-width characters", "let a\u200b = x", "x"],
  ])("%s do not shift the carets", (_, text, part) => {
    const shown = marks(text, part);
    const columns = (of: string): number =>
      [...of].reduce((n, c) => n + (/[\u0301\u200b]/.test(c) ? 0 : /[日本🙂]/u.test(c) ? 2 : 1), 0);
    expect(columns(shown.marks) - 1).toBe(columns(shown.line.slice(0, shown.line.indexOf(part))));
    expect(shown.line).not.toContain("\t");
  });

  test("control characters do not reach the terminal", () => {
    const of = source("let a = \u001b[2J x\r\n");
    const text = renderText([at(spanOf(of, "x"), { message: "found \u001b[31m" })]);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test("colour changes nothing but escapes, and only on request", () => {
    const found = [at(spanOf(model, "mu"), { hint: "h" })];
    const plain = renderText(found);
    const coloured = renderText(found, { color: true });
    expect(plain).not.toContain("\u001b");
    expect(coloured).toContain("\u001b[31m");
    // eslint-disable-next-line no-control-regex -- the escapes are what is taken out
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(plain);
  });

  test("an empty line stands between two diagnostics", () => {
    const found = [at(spanOf(model, "mu")), at(spanOf(model, "theta"))];
    expect(renderText(found).split("\n\n")).toHaveLength(2);
    expect(renderText([])).toBe("");
  });
});

describe("places", () => {
  const declared = spanOf(source("data { y: real[N] }", "a.ppl"), "y");
  test.each<[Place, string]>([
    [{ kind: "file", file: "data.json" }, " --> data.json"],
    [
      { kind: "data", place: { file: "radon.json", key: "county", element: "element 17" }, declared },
      ' --> radon.json: key "county", element 17; declared at a.ppl:1:8',
    ],
    [{ kind: "data", place: { file: "d.csv", element: "row 5, column age" } }, " --> d.csv, row 5, column age"],
    [{ kind: "run", site: "z", step: 12 }, " --> site z, step 12"],
    [{ kind: "run", declared, site: "z" }, " --> a.ppl:1:8, site z"],
  ])("%j", (place, line) => {
    expect(renderText([at(place)]).split("\n")[1]).toBe(line);
  });

  test("data places do not show program text, run places do", () => {
    expect(renderText([at({ kind: "data", place: { file: "d" }, declared })]).split("\n")).toHaveLength(2);
    expect(renderText([at({ kind: "run", declared })]).split("\n")[3]).toBe("  |        ^");
    expect(renderText([at({ kind: "run" })]).split("\n")).toHaveLength(1);
  });

  test("JSON", () => {
    const of = source("a\nbb c\n");
    const found = at(spanOf(of, "bb"), { labels: [{ span: spanOf(of, "c"), text: "role" }], hint: "h" });
    expect(renderJson(found)).toEqual({
      code: "PPL101",
      severity: "error",
      message: "unexpected `x`",
      file: "m.ppl",
      line: 2,
      column: 1,
      endLine: 2,
      endColumn: 3,
      labels: [{ file: "m.ppl", line: 2, column: 4, text: "role" }],
      hint: "h",
    });
    const place = { file: "d.json", key: "y", element: "element 3" };
    expect(renderJson(at({ kind: "data", place, declared }))).toMatchObject({
      file: "a.ppl",
      line: 1,
      column: 8,
      data: place,
    });
    expect(renderJson(at({ kind: "run", site: "z", step: 3 }))).toMatchObject({ run: { site: "z", step: 3 } });
    expect(renderJson(at({ kind: "file", file: "f" }))).toMatchObject({ file: "f", labels: [] });
  });
});

describe("nearest", () => {
  test.each([
    ["sgima", ["mu", "sigma"], "sigma"],
    ["nromal", ["Normal", "Gamma"], "Normal"],
    ["Theta", ["theta", "beta"], "theta"],
    ["observ", ["observe", "sample"], "observe"],
    ["nu", ["mu", "tau"], null],
    ["x", ["y"], null],
    ["THETA", ["beta", "theta"], "theta"],
    ["alpha", ["beta", "gamma"], null],
    ["a", [], null],
    ["mean_y", ["y_mean", "mean_x"], "mean_x"],
  ])("%s among %j: %s", (name, candidates, expected) => {
    expect(nearest(name, candidates)).toBe(expected);
  });

  test("the hint quotes the name, and a name is not its own neighbour", () => {
    expect(didYouMean("sgima", ["sigma"])).toBe("did you mean `sigma`?");
    expect(didYouMean("sgima", ["sigma"], '"')).toBe('did you mean "sigma"?');
    expect(didYouMean("sigma", ["sigma"])).toBeUndefined();
  });

  test("slips: a metric on a few words, a swap costs one, case a half", () => {
    const words = ["", "a", "ab", "ba", "sigma", "sgima", "Sigma", "sample"];
    for (const a of words)
      for (const b of words) {
        expect(slips(a, b)).toBe(slips(b, a));
        expect(slips(a, b) === 0).toBe(a === b);
      }
    expect([slips("ab", "ba"), slips("Sigma", "sigma"), slips("", "abc"), slips("kitten", "sitting")]).toEqual([
      1, 0.5, 3, 3,
    ]);
  });
});
