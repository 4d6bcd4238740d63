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

/** An endless stream of one element: for samplers that reject. */
export type Stream = {
  /** Uniform in (0, 1), 53 bits. */
  readonly uniform: () => number;
  readonly normal: () => number;
};

/** The streams of a key: `at(index)` starts that of an element, with counters (index, step, site, 1 + block). One
 *  stream is open at a time. */
export function streams(key: NoiseKey): { readonly at: (index: number) => Stream } {
  const { low, high, step, site } = wordsOf(key);
  const words = new Uint32Array(4);
  let element = 0,
    block = 0,
    used = 4;
  const word = (): number => {
    if (used === 4) {
      philox(element, step, site, ++block, low, high, words);
      used = 0;
    }
    return words[used++]!;
  };
  const uniform = (): number => ((word() >>> 6) * 2 ** 27 + (word() >>> 5) + 0.5) / 2 ** 53;
  /** The angle is the upper half of the bits of a uniform number. */
  const normal = (): number => radiusOf(uniform()) * sineOfTurn((word() & ~63) | (word() >>> 26), 1);
  const stream = { uniform, normal };
  return {
    at: (index) => {
      element = index >>> 0;
      block = 0;
      used = 4;
      return stream;
    },
  };
}
