// Every code has a page, and the page is true: its failing program yields exactly that code first, its fixed one does not.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { codes } from "../src/base/codes/index.ts";
import type { CodeRow } from "../src/base/codes/row.ts";
import { outcomeOf, readPage } from "./support/error-page.ts";

const folder = new URL("../docs/errors/", import.meta.url);
const pages = readdirSync(folder)
  .map((name) => name.replace(/\.md$/, ""))
  .sort();
const rows = Object.entries(codes) as [string, CodeRow][];

test("pages and codes are the same set", () => {
  expect(pages).toEqual(rows.map(([code]) => code).sort());
});

test("a number tells the stage, and titles differ", () => {
  for (const [code] of rows) expect(code).toMatch(/^PPL[1-79]\d\d$/);
  const titles = rows.map(([, row]) => row.title);
  expect(new Set(titles).size).toBe(titles.length);
});

describe.each(rows.filter(([code]) => pages.includes(code)))("%s", (code, row) => {
  const page = readPage(readFileSync(new URL(`${code}.md`, folder), "utf8"));

  test("is headed by its title and explained", () => {
    expect(page.heading).toBe(`# ${code}: ${row.title}`);
    expect(page.prose.length).toBeGreaterThan(40);
  });

  test("the failing program yields it first", async () => {
    const { exit, codes: found, errors } = await outcomeOf(page.fails);
    expect(found[0], found.join(" ")).toBe(code);
    if (row.severity === "error") expect(exit).toBe(1);
    else expect(errors).toEqual([]);
  });

  test("the fixed program does not, and has no error", async () => {
    const { exit, codes: found, errors } = await outcomeOf(page.fixed);
    expect(found).not.toContain(code);
    expect(errors).toEqual([]);
    expect(exit).not.toBe(1);
  });
});

test("negative control: a page whose failing program is right, or fails otherwise, is noticed", async () => {
  const example = (program: string) => ({ program, data: null, command: ["check"] });
  expect((await outcomeOf(example("model { sample x ~ Normal(0, 1) factor -x }"))).codes).not.toContain("PPL101");
  expect((await outcomeOf(example("model { sample x ~ Normal(0 1) }"))).codes[0]).toBe("PPL101");
  expect(() => readPage("# PPL101: unexpected token\n\n## Fails\n\nno program\n")).toThrow("without a program");
});
