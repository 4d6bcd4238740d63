// Libraries: which names an `import` brings, from which base they count, what is refused and where, and the folder of a fit.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Source } from "../src/base/span.ts";
import { renderText } from "../src/base/render.ts";
import { dataEvaluator } from "../src/build/evaluate-data.ts";
import { absentImports } from "../src/model/imports.ts";
import { check } from "../src/model/check.ts";
import { printModel } from "../src/model/print.ts";
import { run } from "../src/cli/program.ts";

const MODEL =
  "data { dim N; y: real[N] }\nmodel { sample mu ~ Normal(0, 1) plate i in N { observe y[i] ~ Normal(f(mu), 1) } }\n";
const program = (text: string, imports: Record<string, string>, path = "models/m.ppl"): Source => ({
  path,
  text,
  imports,
});
const found = (source: Source): readonly string[] =>
  check(source).report.map((d) => `${d.code} ${d.at.kind === "source" ? d.at.span.source.path : ""} ${d.message}`);

describe("what an import brings", () => {
  test("functions of a library, of a folder beside, and not those that the library imports", () => {
    const imports = {
      "lib/a.ppl": 'import "../b.ppl"\nfun f(x: real) -> real = g(x)',
      "b.ppl": "fun g(x: real) -> real = 2 * x",
    };
    expect(found(program(`import "lib/a.ppl"\n${MODEL}`, imports))).toEqual([]);
    expect(found(program(`import "lib/a.ppl"\n${MODEL.replace("f(mu)", "g(mu)")}`, imports))).toEqual([
      "PPL202 models/m.ppl there is no function `g`",
    ]);
  });

  test("each file has its own names: two libraries may use one name inside", () => {
    const imports = {
      "a.ppl": 'import "p.ppl"\nfun f(x: real) -> real = h(x)',
      "p.ppl": "fun h(x: real) -> real = 3 * x",
      "b.ppl": 'import "q.ppl"\nfun k(x: real) -> real = h(x)',
      "q.ppl": "fun h(x: real) -> real = 5 * x",
    };
    const { model } = check(program(`import "a.ppl" import "b.ppl"\n${MODEL.replace("f(mu)", "f(k(mu))")}`, imports));
    expect(printModel(model!)).toContain("((mul(3, x) where x = x) where x = ((mul(5, x) where x = x) where x = mu))");
  });

  test("a library that two others import, or that is named twice, is one", () => {
    const imports = { "a.ppl": 'import "c.ppl"\nfun f(x: real) -> real = c(x)', "c.ppl": "fun c(x: real) -> real = x" };
    expect(
      found(program(`import "a.ppl" import "c.ppl" import "./c.ppl"\n${MODEL.replace("f(mu)", "f(c(mu))")}`, imports)),
    ).toEqual([]);
  });

  test.each([
    [
      "of two libraries",
      'import "a.ppl" import "b.ppl"',
      { "a.ppl": "fun f(x: real) -> real = x", "b.ppl": "fun f(x: real) -> real = x" },
      "models/b.ppl",
    ],
    [
      "of the file and a library",
      'import "a.ppl" fun f(x: real) -> real = x',
      { "a.ppl": "fun f(x: real) -> real = x" },
      "models/m.ppl",
    ],
  ])("names %s must differ", (_, head, imports, place) => {
    expect(found(program(`${head}\n${MODEL}`, imports))).toEqual([`PPL203 ${place} \`f\` is already defined`]);
  });
});

describe("a library counts from 0", () => {
  const library =
    "fun first_of(x: real[N]) -> real = x[0]\nfun at(i: index(N)) -> real = i + 0\nfun tail(x: real[N]) -> real = sum(x[1..])";
  test.each([0, 1] as const)("whatever the file does: base %i", (base) => {
    const text = `import "l.ppl"\ndata { base ${base} dim N; y: real[N]; a: real = first_of(y); b: real = tail(y); c: real = at(last(N)); d: real = y[1] }
model { sample mu ~ Normal(a + b + c + d, 1) observe y ~ Normal(mu * ones(N), 1) }`;
    const { model, report } = check(program(text, { "l.ppl": library }));
    expect(report).toEqual([]);
    const y = { shape: [3], values: Float64Array.from([5, 7, 11]), missing: null };
    const values = model!.data
      .slice(1)
      .map(({ value }) => dataEvaluator(base)(value!, { sizes: { N: 3 }, arrays: { y } }).values[0]);
    expect(values).toEqual([5, 18, 2, base === 0 ? 7 : 5]);
  });
});

describe("what is refused", () => {
  const cases: Readonly<Record<string, Source>> = {
    missing: program(`import "lib/scales.ppl"\n${MODEL}`, {}),
    cyclic: program(`import "a.ppl"\n${MODEL}`, { "a.ppl": 'import "b.ppl"', "b.ppl": '// loops\nimport "a.ppl"' }),
    "the model itself": program(`import "a.ppl"\n${MODEL}`, { "a.ppl": 'import "m.ppl"' }),
    "a model as a library": program(`import "a.ppl"\n${MODEL}`, { "a.ppl": MODEL }),
    "an absolute path": program(`import "/lib/a.ppl"\n${MODEL}`, { "/lib/a.ppl": "", "lib/a.ppl": "" }),
    "a mistake in a library": program(`import "a.ppl"\n${MODEL}`, { "a.ppl": "\nfun f(x: real) -> real = x + width" }),
    "a text that cannot be read": program(`import "a.ppl"\n${MODEL}`, { "a.ppl": "fun f(x: real) -> real = (x" }),
    "a call with the wrong size": program(
      `import "a.ppl"\ndata { dim N, K; y: real[N]; x: real[K] }\nmodel { sample mu ~ Normal(0, 1) observe y ~ Normal(f(x, mu), 1) }`,
      { "a.ppl": "fun f(x: real[N], y: real) -> real[N] = x[0..0] + y" },
    ),
  };
  test("as a person reads it", async () => {
    const shown = Object.entries(cases).map(([name, source]) => {
      const files = Object.entries({ "m.ppl": source.text, ...source.imports }).map(
        ([path, text]) => `${path}:\n\`\`\`ppl\n${text.trimEnd()}\n\`\`\``,
      );
      return `## ${name}\n\n${files.join("\n")}\n\n\`\`\`text\n${renderText(check(source).report)}\n\`\`\`\n`;
    });
    await expect(`# imports\n\n${shown.join("\n")}`).toMatchFileSnapshot("golden/diagnostics/imports.md");
  });
  test.each(Object.entries(cases))("%s", (_, source) => {
    const { model, report } = check(source);
    expect(model).toBeNull();
    expect(report).toHaveLength(1);
  });
  test("negative control: without the mistake there is none", () => {
    expect(
      found(program(`import "lib/scales.ppl"\n${MODEL}`, { "lib/scales.ppl": "fun f(x: real) -> real = x" })),
    ).toEqual([]);
  });
});

test("which texts are still absent", () => {
  const source = { path: "x/m.ppl", text: 'import "a.ppl" import "../b.ppl"' };
  expect(absentImports(source)).toEqual(["a.ppl", "../b.ppl"]);
  expect(
    absentImports({ ...source, imports: { "a.ppl": 'import "c/d.ppl" import "m.ppl"', "../b.ppl": 'import "a.ppl"' } }),
  ).toEqual(["c/d.ppl", "../a.ppl"]);
});

// ---------------------------------------------------------------------------------------- the command line

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "variate-imports-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const call = async (...words: readonly string[]): Promise<{ exit: number; out: string; err: string }> => {
    let [out, err] = ["", ""];
    const exit = await run(words, {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      stdin: async () => new Uint8Array(),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 100,
    });
    return { exit, out, err };
  };
  const library = put("lib/scales.ppl", 'import "units.ppl"\nfun f(x: real) -> real = x / unit()\n');
  const units = put("lib/units.ppl", "fun unit() -> real = 0.5\n");
  const model = put(
    "models/m.ppl",
    `import "../lib/scales.ppl"\n\n${MODEL}\npredict { sample z ~ Normal(f(mu), 0.01) }\n`,
  );
  const data = put("models/data.json", '{ "y": [1.9, 2.1, 2.0] }');

  test("are read relative to the file that imports, by every command", async () => {
    for (const words of [
      ["check", model],
      ["check", library],
      ["explain", model],
      ["print", model, "--stage", "model"],
      ["print", model, "--stage", "ast"],
      ["simulate", model, "--data", data],
    ]) {
      expect(await call(...words), words.join(" ")).toMatchObject({ exit: 0, err: "" });
    }
    expect((await call("fmt", library, units)).out).toBe("");
  });

  test("a fit keeps them", async () => {
    const out = join(folder, "fit");
    expect((await call("infer", model, "--data", data, "--out", out)).exit).toBe(0);
    expect(JSON.parse(readFileSync(join(out, "imports.json"), "utf8"))).toEqual({
      "../lib/scales.ppl": readFileSync(library, "utf8"),
      "../lib/units.ppl": readFileSync(units, "utf8"),
    });
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("fun unit() -&gt; real = 0.5");
    rmSync(join(folder, "lib"), { recursive: true });
    const refused = await call("check", model);
    expect([refused.exit, refused.err]).toEqual([
      1,
      expect.stringContaining(`error[PPL208]: there is no file "../lib/scales.ppl" to import`),
    ]);
    const { exit, out: json } = await call("predict", out, "--json");
    expect(exit).toBe(0);
    // mu has posterior mean 3 * 2 * 2 / (1 + 3 * 2 * 2) = 12 / 13, and z = 2 mu.
    expect((JSON.parse(json) as { predictions: { z: { mean: number } } }).predictions.z.mean).toBeCloseTo(24 / 13, 1);
  });
});
