// Files written from the grammar are fresh, and the programs of the documentation parse.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { generated } from "../grammar/generate.ts";
import { PplParser } from "../grammar/parser.ts";
import { isKeyword, keywords, pplLexer, symbols, tokens } from "../grammar/tokens.ts";
import { parse } from "../src/syntax/parse.ts";

const root = new URL("../", import.meta.url);

test.each(Object.entries(generated()))("grammar/%s is fresh (npx tsx grammar/generate.ts)", (name, text) => {
  expect(readFileSync(new URL(`grammar/${name}`, root), "utf8")).toBe(text);
});

test("the grammar is LL(2) and unambiguous", () => {
  expect(() => new PplParser({ skipValidations: false })).not.toThrow();
});

describe("tokens", () => {
  const lexed = (text: string): string[] =>
    pplLexer()
      .tokenize(text)
      .tokens.map((token) => token.tokenType.name);

  test.each([...keywords, ...Object.values(symbols)])("%s is one token, alone and before a name", (text) => {
    const [first, ...rest] = pplLexer().tokenize(`${text} x`).tokens;
    expect(first?.image).toBe(text);
    expect(rest.map((token) => token.image)).toEqual(["x"]);
  });

  test.each(keywords)("%s with a letter more is a name", (word) => {
    expect(isKeyword(word)).toBe(true);
    expect(lexed(`${word}x ${word}_ ${word}1 ${word.toUpperCase()}`)).toEqual(["Name", "Name", "Name", "Name"]);
  });

  test.each([
    ["1..3", ["Int", "DotDot", "Int"]],
    ["1.5..2", ["Real", "DotDot", "Int"]],
    ["x[..3]", ["Name", "LSquare", "DotDot", "Int", "RSquare"]],
    ["1e-6 2.5E+3", ["Real", "Real"]],
    ["1. 2", ["BadNumber", "Int"]],
    [".5", ["BadNumber"]],
    ["1e", ["BadNumber"]],
    ["3x", ["BadNumber"]],
    ["1.2.3", ["BadNumber"]],
    ['"a\\"b"', ["String"]],
    ['"open', ["OpenString"]],
    ["a.b", ["Name", "Dot", "Name"]],
    ["a->b", ["Name", "Arrow", "Name"]],
    ["a- >b", ["Name", "Minus", "Greater", "Name"]],
    ["a<=b", ["Name", "LessEqual", "Name"]],
    ["µ", ["Unknown"]],
  ])("%s", (text, expected) => expect(lexed(text)).toEqual(expected));

  test("any character is some token: the lexer has no errors of its own", () => {
    const text = Array.from({ length: 700 }, (_, i) => String.fromCharCode(i)).join("") + "\u{1F642}\uD800";
    expect(pplLexer().tokenize(text).errors).toEqual([]);
    expect(Object.keys(tokens)).toContain("Unknown");
  });
});

/** The ```ppl blocks of the Markdown files under docs/, but for the pages of errors, which have their own test. */
function programsOfDocs(folder: URL): [string, string][] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    if (entry.isDirectory()) return entry.name === "errors" ? [] : programsOfDocs(new URL(`${entry.name}/`, folder));
    if (!entry.name.endsWith(".md")) return [];
    const text = readFileSync(new URL(entry.name, folder), "utf8");
    return [...text.matchAll(/^```ppl\n([^]*?)^```$/gm)].map((match, i) => [
      `${entry.name}, block ${i + 1}`,
      match[1]!,
    ]);
  });
}

test("the programs of the documentation parse", () => {
  for (const [name, text] of programsOfDocs(new URL("docs/", root))) {
    expect(parse({ path: name, text }).report, name).toEqual([]);
  }
});
