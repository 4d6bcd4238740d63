// Samplers on numbers of one element: the interpreter's.

import * as math from "../../op/special/elementary.ts";
import { radiusOf, sineOfTurn } from "../normal-pair.ts";
import type { Drawing, Attempt } from "./arithmetic.ts";

/** The four words of an attempt: 1, 2, … */
export type WordsOf = (attempt: number) => Uint32Array;

export const plain = (wordsOf: WordsOf): Drawing<number, boolean> => ({
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  sqrt: Math.sqrt,
  floor: Math.floor,
  abs: Math.abs,
  exp: math.exp,
  log: math.log,
  less: (a, b) => a < b,
  atMost: (a, b) => a <= b,
  equal: (a, b) => a === b,
  and: (a, b) => a && b,
  not: (t) => !t,
  or: (t, other) => t || other(),
  where: (t, a, b) => (t ? a : b),
  either: (t, yes, no) => (t ? yes() : no()),
  turns: (begin, goesOn, step) => {
    let now = begin;
    while (goesOn(now)) now = step(now);
    return now;
  },
  attempts: (attempt) => {
    for (let n = 1; ; n++) {
      const { isTaken, values } = attempt(numbersOf(wordsOf(n)));
      if (isTaken) return values;
    }
  },
  once: () => numbersOf(wordsOf(1)),
});

const TWO_32 = 2 ** 32;

function numbersOf(words: Uint32Array): Attempt<number> {
  const uniform = (i: number): number => (words[i]! + 0.5) / TWO_32;
  return {
    uniform,
    long: (i) => ((words[i]! >>> 6) * 2 ** 27 + (words[i + 1]! >>> 5) + 0.5) / 2 ** 53,
    normal: (i) => radiusOf(uniform(i)) * sineOfTurn(words[i + 1]!, 1),
    sine: (i) => sineOfTurn(words[i]!, 0),
    cosine: (i) => sineOfTurn(words[i]!, 1),
  };
}
