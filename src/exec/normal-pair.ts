// Two words to two normal numbers (Box and Muller 1958), in plain JavaScript, to 1e-11. The same operations in the same order as in the modules of the
// WebAssembly engine (exec/wasm/code/math/philox.ts): the numbers are the same bits everywhere.

import { NOISE_COS, NOISE_LOG, NOISE_SIN, PART_OF_TURN } from "../op/special/coefficients.ts";
import { exponentOf, powerOfTwo } from "../op/special/elementary/exponential.ts";
import { horner } from "../op/special/polynomial.ts";

/** Sine (`quarter` 0) or cosine (1) of 2π word / 2^32: the quadrant and the rest of the angle are whole numbers. */
export function sineOfTurn(word: number, quarter: 0 | 1): number {
  const t = (word + 0x20000000) | 0;
  const r = ((t & 0x3fffffff) - 0x20000000) * PART_OF_TURN;
  const z = r * r;
  const quadrant = ((t >>> 30) + quarter) & 3;
  const size = (quadrant & 1) === 0 ? horner(NOISE_SIN, z) * r : horner(NOISE_COS, z) * z + 1;
  return quadrant >= 2 ? -size : size;
}

/** √(-2 log u) of a number u in (0, 1]: u = 2^e (1 + f). */
export function radiusOf(u: number): number {
  const e = exponentOf(u);
  const f = u * powerOfTwo(-e) - 1;
  const s = f / (f + 2);
  const z = s * s;
  return Math.sqrt((e * Math.LN2 + (horner(NOISE_LOG, z) * z + 2) * s) * -2);
}
