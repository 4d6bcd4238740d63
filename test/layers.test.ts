// Imports follow the table in docs/architecture.md. Type-only imports count: a type is knowledge too.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/** The rows of the table: folder, and what it may import. */
function allowed(): Readonly<Record<string, readonly string[]>> {
  const rows = readFileSync("docs/architecture.md", "utf8").matchAll(/^\| `((?:src\/)?\w+)\/` \|.*\| ([^|]+) \|$/gm);
  const path = (name: string): string => (name === "grammar" ? name : `src/${name}`);
  return Object.fromEntries(
    [...rows]
      .filter(([, , list]) => list !== "everything")
      .map(([, folder, list]) => [
        folder as string,
        (list as string)
          .split(", ")
          .filter((name) => name !== "–")
          .map(path),
      ]),
  );
}

const ALLOWED = allowed();

/** Packages that a folder may load; `node:` modules belong to the command line alone. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  grammar: ["chevrotain"],
  "src/syntax": ["chevrotain"],
  "src/base": ["picocolors"],
  "src/cli": ["commander", "picocolors", "csv-parse", "fflate"],
  "src/output": ["fflate"],
};

type Import = { readonly file: string; readonly target: string };

const sources = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((f) => f.endsWith(".ts") && !f.endsWith(".d.ts"))
    .map((f) => join(folder, f));

/** What a file imports: paths within the project, or package names. */
export function importsOf(file: string, text: string): readonly Import[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => ({
    file,
    target: fileName.startsWith(".") ? normalize(join(dirname(file), fileName)) : fileName,
  }));
}

const folderOf = (path: string): string =>
  path.startsWith("src/") ? path.split("/").slice(0, 2).join("/") : (path.split("/")[0] as string);

/** Why an import is not allowed; null where it is. */
export function violation({ file, target }: Import): string | null {
  const folder = folderOf(file);
  const inside = target.startsWith("src/") || target.startsWith("grammar/");
  if (!inside) {
    const name = target.split("/")[0] as string;
    if (target.startsWith("node:"))
      return folder === "src/cli" ? null : `${file} imports ${target}: only the command line touches the machine`;
    return (PACKAGES[folder] ?? []).includes(name) ? null : `${file} imports the package ${name}`;
  }
  const rules = ALLOWED[folder];
  if (rules === undefined || folderOf(target) === folder) return null;
  return rules.some((a) => target === a || target === `${a}.ts` || target.startsWith(`${a}/`))
    ? null
    : `${file} imports ${target}`;
}

const GENERATORS = ["grammar/generate.ts"];

test("imports follow the table", () => {
  expect(Object.keys(ALLOWED)).toHaveLength(16);
  const files = [...sources("src"), ...sources("grammar")].filter((f) => !GENERATORS.includes(f));
  expect(files.length).toBeGreaterThan(50);
  const found = files
    .flatMap((file) => importsOf(file, readFileSync(file, "utf8")))
    .map(violation)
    .filter((v) => v !== null);
  expect(found).toEqual([]);
});

test("a planted import is caught", () => {
  const planted = importsOf(
    "src/op/planted.ts",
    'import type { Estimator } from "../estimator/estimator.ts"; import fs from "node:fs";',
  );
  expect(planted.map(violation)).toEqual([
    "src/op/planted.ts imports src/estimator/estimator.ts",
    "src/op/planted.ts imports node:fs: only the command line touches the machine",
  ]);
});
