import {createRequire} from "node:module"; const require=createRequire(import.meta.url);
// Text → AST → text: on random programs the printed form means the same, on any text the parser answers.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keywords, symbols } from "../grammar/tokens.ts";
import { parse } from "../src/syntax/parse.ts";
import { format } from "../src/syntax/print.ts";
import { bareTree, disorderly, file } from "./support/ppl-arbitrary.ts";

const seed = Number(process.env.SEED);
const read = (text: string) => parse({ path: "test.ppl", text });

/** Parses text that must be right. */
function readClean(text: string) {
  const { file: tree, report } = read(text);
  expect(report.map((found) => found.message), text).toEqual([]);
  return tree;
}

describe("random programs", () => {
  test("parse(format(tree)) is the tree, and format is idempotent", () => {
    fc.assert(fc.property(file, (tree) => {
      const text = format(tree);
      const back = readClean(text);
      expect(bareTree(back)).toEqual(bareTree(tree));
      expect(format(back)).toBe(text);
    }), { seed, numRuns: 500, endOnFailure: true });
  });

  test("white space changes nothing", () => {
    const cases = file.chain((tree) => disorderly(format(tree), false).map((text) => ({ tree, text })));
    fc.assert(fc.property(cases, ({ tree, text }) => {
      const back = readClean(text);
      expect(bareTree(back)).toEqual(bareTree(tree));
      expectStable(text);
    }), { seed, numRuns: 500, endOnFailure: true });
  });

  test("comments are kept, each once, and stay where the formatter put them", () => {
    const cases = file.chain((tree) => disorderly(format(tree), true).map((text) => ({ tree, text })));
    fc.assert(fc.property(cases, ({ tree, text }) => {
      const before = readClean(text);
      const after = readClean(format(before));
      expect(bareTree(after)).toEqual(bareTree(tree));
      const texts = (of: typeof before) => of.comments.map((one) => one.text).sort();
      if(JSON.stringify(texts(after))!==JSON.stringify(texts(before))) {require("node:fs").writeFileSync("/tmp/fe/lost.txt",text);}
      expect(texts(after)).toEqual(texts(before));
      expectStable(text);
    }), { seed, numRuns: 500, endOnFailure: true });
  });
});

function expectStable(text: string): void {
  const once = format(readClean(text));
  expect(format(readClean(once))).toBe(once);
  expect(once).not.toMatch(/[ \t]\n/);
}
