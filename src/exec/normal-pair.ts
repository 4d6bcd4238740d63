// Two words to two normal numbers (Box and Muller 1958), in plain JavaScript. The same operations in the same order as in the modules of the WebAssembly
// engine (exec/wasm/math/philox.ts): the numbers are the same bits everywhere.

import { PART_OF_TURN } from "../op/special/coefficients.ts";
import { log } from "../op/special/elementary.ts";
import { cosineWithin, sineWithin } from "../op/special/elementary/trigonometric.ts";

/** Sine (`quarter` 0) or cosine (1) of 2π word / 2^32: the quadrant and the rest of the angle are whole numbers. */
export function sineOfTurn(word: number, quarter: 0 | 1): number {
  const t = (word + 0x20000000) | 0;
  const rest = { high: ((t & 0x3fffffff) - 0x20000000) * PART_OF_TURN, low: 0 };
  const quadrant = ((t >>> 30) + quarter) & 3;
  const size = (quadrant & 1) === 0 ? sineWithin(rest) : cosineWithin(rest);
  return quadrant >= 2 ? -size : size;
}

/** √(-2 log u) of a number u in (0, 1]. */
export const radiusOf = (u: number): number => Math.sqrt(-2 * log(u));
