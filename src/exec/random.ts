// Base noise and random streams, keyed by seed, site, step and index. An index stands for a datum, an event element and
// a particle, so a number depends neither on the batch nor on how many others are drawn.

import { radiusOf, sineOfTurn } from "./normal-pair.ts";
import { philox } from "./philox.ts";

/** The key of one site in one step. */
export type NoiseKey = { readonly seed: number; readonly step: number; readonly site: string };

type Words = { readonly low: number; readonly high: number; readonly step: number; readonly site: number };

const TWO_32 = 2 ** 32;

const wordsOf = ({ seed, step, site }: NoiseKey): Words => ({
  low: seed >>> 0,
  high: Math.floor(seed / TWO_32) >>> 0,
  step: step >>> 0,
  site: hashSite(site),
});

/** 32-bit FNV-1a over the UTF-8 bytes of a site's name (Fowler, Noll, Vo). */
export function hashSite(site: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(site)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** A word as a number in the open interval (0, 1). */
const open = (word: number): number => (word + 0.5) / TWO_32;

/** Gives the base noise number `index` of a key. Index i has its words in the counter (4 (i >> 4) + (i & 3), step,
 *  site, 0), slot (i >> 2) & 3; slots 0 and 1 are the normal pair of words 0, 1, slots 2 and 3 that of words 2, 3
 *  (Box and Muller 1958). */
export function noiseSource(kind: "normal" | "uniform", key: NoiseKey): (index: number) => number {
  const { low, high, step, site } = wordsOf(key);
  const words = new Uint32Array(4);
  const slots = new Float64Array(16); // the four slots of each lane
  const held = new Float64Array(4).fill(-1); // the group whose slots a lane holds
  const convert = kind === "normal" ? toNormals : toUniforms;
  return (index) => {
    const group = Math.floor(index / 16);
    const lane = index & 3;
    if (held[lane] !== group) {
      philox((4 * group + lane) >>> 0, step, site, 0, low, high, words);
      convert(words, slots, 4 * lane);
      held[lane] = group;
    }
    return slots[4 * lane + ((index >>> 2) & 3)]!;
  };
}

function toUniforms(words: Uint32Array, out: Float64Array, at: number): void {
  for (let slot = 0; slot < 4; slot++) out[at + slot] = open(words[slot]!);
}

/** Two pairs: √(-2 log u) (sin, cos)(2π w / 2³²). */
function toNormals(words: Uint32Array, out: Float64Array, at: number): void {
  for (let pair = 0; pair < 4; pair += 2) {
    const radius = radiusOf(open(words[pair]!));
    const angle = words[pair + 1]!;
    out[at + pair] = radius * sineOfTurn(angle, 0);
    out[at + pair + 1] = radius * sineOfTurn(angle, 1);
  }
}

/** Words for samplers that reject: attempt n = 1, 2, … of an element has those of the counter (element, step, site, n). One array is handed out, again and
 *  again. */
export function attempts(key: NoiseKey): (element: number, attempt: number) => Uint32Array {
  const { low, high, step, site } = wordsOf(key);
  const words = new Uint32Array(4);
  return (element, attempt) => {
    philox(element >>> 0, step, site, attempt, low, high, words);
    return words;
  };
}

/** Random subsets of 0 … count - 1, without repetition: the first `size` entries of a shuffle keyed by seed, step and site. The shuffle is undone after use, so
 *  that a step costs its own members and not all. */
export function subsets(
  count: number,
  size: number,
  key: Pick<NoiseKey, "seed" | "site">,
): (step: number) => Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i);
  const partners = new Int32Array(size);
  const exchange = (i: number): void => {
    const [j, own] = [partners[i]!, all[i]!];
    all[i] = all[j]!;
    all[j] = own;
  };
  return (step) => {
    const uniform = noiseSource("uniform", { ...key, step });
    for (let i = 0; i < size; i++) {
      partners[i] = i + Math.floor(uniform(i) * (count - i));
      exchange(i);
    }
    const subset = all.slice(0, size);
    for (let i = size - 1; i >= 0; i--) exchange(i);
    return subset;
  };
}
