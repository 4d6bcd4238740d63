// The documentation is true: its programs check, its output is what the commands print, its links resolve, and the tables have their pages.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { hasErrors } from "../src/base/diagnostic.ts";
import { estimators } from "../src/estimator/index.ts";
import { check } from "../src/model/check.ts";
import { captured } from "./support/command.ts";
import { diagnosticsPage } from "./support/diagnostics-page.ts";
import { estimatorPage } from "./support/estimator-page.ts";
import { svgOf, tableText, withTable, type Measured } from "./support/variance-page.ts";
import { contests, labelOf } from "./support/variance-table.ts";
import { functionPage } from "./support/function-page.ts";

const pagesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? pagesIn(path) : path.endsWith(".md") ? [path] : [];
  });

const pages = ["README.md", ...pagesIn("docs"), ...pagesIn("examples")];
const textOf = (page: string): string => readFileSync(page, "utf8");

type Block = { readonly language: string; readonly text: string };

/** Fenced blocks of a page. The word after the language says what a block is: ```ppl fragment is part of a program. */
const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/^```([^\n]*)\n([^]*?)^```$/gm)].map(([, language = "", body = ""]) => ({ language, text: body }));

const blocksIn = (page: string, language: string): string[] =>
  blocksOf(textOf(page))
    .filter((block) => block.language === language)
    .map((block) => block.text);

// ---------------------------------------------------------------------------------------- programs

/** Pages of errors have runs of their own (errors.test.ts). */
const prose = pages.filter((page) => !page.startsWith(join("docs", "errors")));

describe("programs", () => {
  const programs = prose.flatMap((page) =>
    blocksIn(page, "ppl").map((text, i) => ({ name: `${page}, program ${i + 1}`, text })),
  );

  test.each(programs)("$name has neither errors nor warnings", ({ text }) => {
    expect(check({ path: "page.ppl", text }).report.map(({ message }) => message)).toEqual([]);
  });

  test("there are some, no block escapes by a mark of its own, and a wrong one is noticed", () => {
    expect(programs.length).toBeGreaterThan(7);
    const marks = new Set(
      prose.flatMap((page) =>
        blocksOf(textOf(page))
          .map((block) => block.language)
          .filter((word) => /^(ppl|ts)/.test(word)),
      ),
    );
    expect([...marks].filter((mark) => !["ppl", "ppl fragment", "ts"].includes(mark))).toEqual([]);
    expect(hasErrors(check({ path: "page.ppl", text: programs[0]!.text.replace("Normal", "Norml") }).report)).toBe(
      true,
    );
  });

  test("the README's model is the example's", () => {
    expect(blocksIn("README.md", "ppl")).toEqual([textOf("examples/eight-schools/model.ppl")]);
  });

  test("TypeScript compiles against the sources", () => {
    const blocks = prose.flatMap((page) => blocksIn(page, "ts"));
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) expect(typeErrors(block)).toEqual([]);
    expect(typeErrors('import { infer } from "variate"; infer("model.ppl");')).not.toEqual([]);
  }, 120_000);
});

/** Messages of the compiler for a module that imports "variate". */
function typeErrors(text: string): string[] {
  const name = join(process.cwd(), "test", "page.ts");
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts"],
    types: ["node"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    paths: { variate: [join(process.cwd(), "src", "index.ts")] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  const program = ts.createProgram([name], options, {
    ...host,
    fileExists: (file) => file === name || fileExists(file),
    getSourceFile: (file, ...rest) =>
      file === name ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2022) : getSourceFile(file, ...rest),
  });
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(name))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

// ---------------------------------------------------------------------------------------- output

describe("output in the README", () => {
  const [fit, choices] = blocksIn("README.md", "text") as [string, string];

  test("explain is what the command prints", async () => {
    expect(choices).toBe((await captured(["explain", "examples/eight-schools"])).out);
  });

  test("infer is what the command prints, numbers up to the digits that a change of protocol may move", async () => {
    const { exit, out } = await captured(["infer", "examples/eight-schools"]);
    expect(exit).toBe(0);
    expect(skeleton(fit)).toBe(skeleton(out));
    const [shown, now] = [numbers(fit), numbers(out)] as const;
    expect(Object.keys(shown)).toEqual(Object.keys(now));
    for (const [row, values] of Object.entries(shown)) {
      const [mean, sd] = now[row] as [number, number];
      expect(Math.abs(values[0]! - mean) / sd, row).toBeLessThan(0.2);
    }
  });
});

/** The words, without numbers and the layout that follows from their width. */
const skeleton = (text: string): string =>
  text
    .replace(/-?\d[\d,]*(\.\d+)?/g, "#")
    .replace(/[\s#]+/g, " ")
    .trim();

/** Rows of the table: name → numbers. */
const numbers = (text: string): Record<string, readonly number[]> =>
  Object.fromEntries(
    [...text.matchAll(/^(\w+(?:\[\d\])?)((?: +-?[\d.]+){5})$/gm)].map(([, name = "", row = ""]) => [
      name,
      row.trim().split(/ +/).map(Number),
    ]),
  );

// ---------------------------------------------------------------------------------------- what there is and what not

describe("tables and pages", () => {
  test.each([
    ["functions", functionPage],
    ["estimators", estimatorPage],
    ["diagnostics", diagnosticsPage],
  ] as const)("docs/%s.md is what the table says", async (name, page) => {
    await expect(page()).toMatchFileSnapshot(`../docs/${name}.md`);
  });

  test("every name of an estimator in the chapter on choosing is one, and so are those of the tour", () => {
    const known = estimators.map(({ name }) => name);
    const rows = (page: string, column: RegExp): string[] =>
      [...textOf(page).matchAll(column)].flatMap(([, cell]) =>
        [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
      );
    const chosen = rows("docs/choosing-an-estimator.md", /^\| [^|`]+(?:`--objective iwae`)? \| (`[^|]+) \|/gm);
    expect(chosen).toEqual(["path", "stratified", "implicit", "total", "reinmax-rao", "arsm", "loo", "dreg", "vimco"]);
    const toured = rows("docs/tour.md", /^\| (`[a-z-]+`) \|/gm).filter((name) => known.includes(name));
    expect(toured).toContain("reinmax-rao");
    expect(chosen.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("table and picture of variances are written from the numbers beside them", () => {
    const measured = JSON.parse(textOf("docs/variances.json")) as Measured;
    const chapter = textOf("docs/choosing-an-estimator.md");
    expect(withTable(chapter, tableText(measured))).toBe(chapter);
    expect(svgOf(measured)).toBe(textOf("docs/variances.svg"));
    expect(measured.contests.map(({ name, rows }) => [name, ...rows.map(({ label }) => label)])).toEqual(
      contests.map(({ name, contenders }) => [name, ...contenders.map(labelOf)]),
    );
  });

  test("every command of the program is in the README, and every command there is one of the program", async () => {
    const { out } = await captured(["--help"]);
    const known = [...out.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name]) => name!);
    const listed = [...textOf("README.md").matchAll(/^\| `variate (\w+)/gm)].map(([, name]) => name!);
    expect(new Set(listed)).toEqual(new Set(known));
  });

  /** Programs that use what the README calls not built. */
  const UNBUILT: Readonly<Record<string, string>> = {
    net: "net f(x: real) -> real { return x } model { sample a ~ Normal(f(0.0), 1) factor a }",
  };
  const unbuilt = /^## Not built yet\n([^]*?)^## /m.exec(textOf("README.md"))![1]!;
  const named = [...unbuilt.matchAll(/^- (.*(?:\n {2}.*)*)/gm)].map(([, item = ""]) =>
    [...item.matchAll(/`([^`]+)`/g)].map(([, word]) => word!),
  );

  test.each(named[0]!)("%s is not built, as the README says", (word) => {
    expect(UNBUILT).toHaveProperty([word]);
    expect(check({ path: "page.ppl", text: UNBUILT[word]! }).report.map(({ code }) => code)).toEqual(["PPL901"]);
  });

  test.each(named.at(-1)!)("variate %s is not built, as the README says", async (command) => {
    expect((await captured([command, "examples/eight-schools"])).err).toContain("PPL901");
  });
});

// ---------------------------------------------------------------------------------------- links and files

describe("links", () => {
  test.each(pages)("%s: every link leads somewhere", (page) => {
    const text = textOf(page).replace(/^```[^]*?^```$/gm, "");
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^https?:/.test(target));
    expect(targets.filter((target) => !existsSync(normalize(join(dirname(page), target))))).toEqual([]);
  });

  test("every page can be reached from the README", () => {
    const seen = new Set<string>();
    const visit = (page: string): void => {
      if (seen.has(page) || !existsSync(page)) return;
      seen.add(page);
      if (page.endsWith("/")) pagesIn(page).forEach(visit);
      else if (page.endsWith(".md"))
        for (const [, target] of textOf(page).matchAll(/\]\(([^)#\s]+)\)/g))
          visit(normalize(join(dirname(page), target!)));
    };
    visit("README.md");
    expect(pages.filter((page) => !seen.has(page))).toEqual([]);
  });
});

// `dist/` in .gitignore hid src/dist as well: a clone did not build.
test("no source file is hidden from git", (context) => {
  if (!existsSync(".git")) return context.skip();
  const args = [
    "ls-files",
    "--others",
    "--ignored",
    "--exclude-standard",
    "--",
    "src",
    "grammar",
    "test",
    "docs",
    "examples",
    // What `npm run bench:peers` installs.
    ":!test/bench/.venv",
    ":!test/bench/.peers",
  ];
  expect(execFileSync("git", args, { encoding: "utf8" })).toBe("");
});
