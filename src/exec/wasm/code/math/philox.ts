// philox4x32-10 (Salmon et al. 2011) on four counters at a time, and what becomes of its words: uniform numbers, and pairs of normal ones (Box and Muller
// 1958). The words are those of src/exec/philox.ts, the numbers of float64 those of src/exec/normal-pair.ts, bit by bit.

import { NOISE_COS, NOISE_LOG, NOISE_SIN, PART_OF_TURN } from "../../../../op/special/coefficients.ts";
import { MULTIPLIERS, WEYL } from "../../../philox.ts";
import { HEADER } from "../header.ts";
import { int, memory, OP, simd, type Machine } from "../machine.ts";
import {
  add,
  and,
  div,
  held,
  horner,
  lt,
  mul,
  pmin,
  shuffled,
  sqrt,
  square,
  words,
  xor,
  type Vector,
} from "./expression.ts";
import { logOfPart, parted } from "./logarithm.ts";

/** Instructions on four words of 32 bits. */
export const WORD = {
  loadSplat: 0x09,
  splat: 0x11,
  add: 0xae,
  sub: 0xb1,
  shiftLeft: 0xab,
  shiftRight: 0xac,
  shiftDown: 0xad,
  product: 0xb5,
  productLow: 0xde,
  productHigh: 0xdf,
  toFloat32Signed: 0xfa,
  toFloat32: 0xfb,
  toFloat64Signed: 0xfe,
  toFloat64: 0xff,
} as const;

const onWords =
  (op: number) =>
  (a: Vector, b: Vector): Vector =>
  (m) => {
    a(m);
    b(m);
    simd(m, op);
  };
export const addWords = onWords(WORD.add);
const subWords = onWords(WORD.sub);
const shifted =
  (op: number) =>
  (x: Vector, by: number): Vector =>
  (m) => {
    x(m);
    int(m, by);
    simd(m, op);
  };
/** To the right with copies of the sign, and with zeros. */
export const [wordsLeft, wordsRight, wordsDown] = [
  shifted(WORD.shiftLeft),
  shifted(WORD.shiftRight),
  shifted(WORD.shiftDown),
];

export const everywhere = (word: number): Vector => words([word, word, word, word]);

/** A word of the header in every lane. */
const ofRun =
  (place: number): Vector =>
  (m) => {
    int(m, 0);
    memory(m, WORD.loadSplat, place);
  };

type Product = { readonly low: Vector; readonly high: Vector };

/** The lower and the upper words of the products with a number, of the first two words or of all four. */
function product(m: Machine, x: Vector, by: number, counters: 2 | 4): Product {
  const half = (op: number): Vector => held(m, onWords(op)(x, everywhere(by)));
  const first = half(WORD.productLow);
  const last = counters === 2 ? first : half(WORD.productHigh);
  return { low: shuffled(first, last, [0, 2, 4, 6]), high: shuffled(first, last, [1, 3, 5, 7]) };
}

const ROUNDS = 10;

/** What all numbers of a step share: the step, and the two words of the key by round. */
export type Run = { readonly step: Vector; readonly keys: readonly (readonly Vector[])[] };

/** Computed where it is asked for: in a loop that makes many numbers anew in every turn, since so many vectors find no room in registers. */
export function runOf(m: Machine): Run {
  const keys = [[held(m, ofRun(HEADER.seedLow)), held(m, ofRun(HEADER.seedHigh))]];
  while (keys.length < ROUNDS) keys.push(keys.at(-1)!.map((key, i) => held(m, addWords(key, everywhere(WEYL[i]!)))));
  return { step: held(m, ofRun(HEADER.step)), keys };
}

/** The four words of each of two or four counters (number, step, site, attempt), which are vectors of words; attempt 0 is base noise. */
export function philoxWords(
  m: Machine,
  number: Vector,
  site: Vector,
  { step, keys }: Run,
  counters: 2 | 4 = LANES,
  attempt: Vector = everywhere(0),
): readonly Vector[] {
  let counter: readonly Vector[] = [number, step, site, attempt];
  for (const key of keys) {
    const [c0, c1, c2, c3] = counter as [Vector, Vector, Vector, Vector];
    // What does not wait for the products: a round waits for the one before it, and each instruction less on that way counts.
    const [mask0, mask1] = [held(m, xor(c1, key[0]!)), held(m, xor(c3, key[1]!))];
    const [first, second] = [c0, c2].map((c, i) => product(m, c, MULTIPLIERS[i]!, counters)) as [Product, Product];
    counter = [
      held(m, xor(second.high, mask0)),
      held(m, second.low),
      held(m, xor(first.high, mask1)),
      held(m, first.low),
    ];
  }
  return counter;
}

/** Vectors of numbers that hold one number for each of four words: one of float32, two of float64. */
export type Numbers = readonly Vector[];

/** Each of four words as so many numbers, signed or not. */
function converted(m: Machine, x: Vector, signed: boolean): Numbers {
  const by =
    (op: number, from: Vector): Vector =>
    (n) => {
      from(n);
      simd(n, op);
    };
  if (m.lanes.name === "f32") return [held(m, by(signed ? WORD.toFloat32Signed : WORD.toFloat32, x))];
  const op = signed ? WORD.toFloat64Signed : WORD.toFloat64;
  return [held(m, by(op, x)), held(m, by(op, shuffled(x, x, [2, 3, 2, 3])))];
}

/** A mask or the bits of a sign per word, for the numbers of these words. */
export const spread = (m: Machine, x: Vector): Numbers =>
  m.lanes.name === "f32" ? [x] : [shuffled(x, x, [0, 0, 1, 1]), shuffled(x, x, [2, 2, 3, 3])];

/** The highest bits of four words as those of so many numbers. */
function signs(m: Machine, x: Vector): Numbers {
  const own = held(m, and(x, everywhere(0x80000000)));
  if (m.lanes.name === "f32") return [own];
  const zeros = held(m, everywhere(0));
  return [held(m, shuffled(zeros, own, [0, 4, 1, 5])), held(m, shuffled(zeros, own, [2, 6, 3, 7]))];
}

const TWO_M32 = 2 ** -32;
/** The largest number of float32 below 1: a word near 2^32 would come to 1. */
const BELOW_ONE = 1 - 2 ** -24;

/** (word + ½) / 2^32. */
export const uniforms = (m: Machine, word: Vector): Numbers =>
  converted(m, word, false).map((x) => {
    const u = mul(add(x, 0.5), TWO_M32);
    return held(m, m.lanes.name === "f32" ? pmin(u, BELOW_ONE) : u);
  });

/** √(-2 log u). In float32 the word as a number with sign is u where that is below a half, else u - 1, by which a number near 1 is known. */
function radii(m: Machine, word: Vector): Numbers {
  const squares = (): Numbers => {
    if (m.lanes.name === "f64") return converted(m, word, false).map((x) => minusTwoLog(m, add(x, 0.5)));
    const part = converted(m, word, true).map((x) => held(m, mul(add(x, 0.5), TWO_M32)))[0]!;
    return [mul(logOfPart(m, add(part, and(lt(part, 0), 1)), part), -2)];
  };
  return squares().map((square) => held(m, sqrt(square)));
}

/** -2 (e ln 2 + log(1 + f)), to 5e-12, of a number in units of 2^-32. Factors that are powers of 2 change no bit, wherever they stand. */
function minusTwoLog(m: Machine, x: Vector): Vector {
  const { exponent, f } = parted(m, x, 32);
  const s = held(m, div(f, add(f, 2)));
  const z = square(m, s);
  const doubled = NOISE_LOG.map((coefficient) => -2 * coefficient);
  return add(mul(exponent, -2 * Math.LN2), mul(add(mul(horner(z, doubled), z), -4), s));
}

export type Pair = { readonly sines: Numbers; readonly cosines: Numbers };

/** sin r = r (c0 + c1 r² + …), cos r = 1 + r² (c0 + …), |r| <= π/4. */
const SINE = { f64: NOISE_SIN, f32: [1, -0.16666655242443085, 0.00833216030150652, -0.00019515282474458218] } as const;
const COSINE = {
  f64: NOISE_COS,
  f32: [-0.5, 0.04166664555668831, -0.0013887316454201937, 2.44331567955669e-5],
} as const;

/** Sine and cosine of the angle that a word is of a turn: quadrant and rest are whole numbers. */
export function turned(m: Machine, word: Vector): Pair {
  const t = held(m, addWords(word, everywhere(0x20000000)));
  const rest = subWords(and(t, everywhere(0x3fffffff)), everywhere(0x20000000));
  const angles = converted(m, rest, true).map((r) => held(m, mul(r, PART_OF_TURN)));
  const odd = spread(m, held(m, wordsRight(wordsLeft(t, 1), 31)));
  const [ofSine, ofCosine] = [signs(m, t), signs(m, addWords(t, everywhere(0x40000000)))];
  const parts = angles.map((r, i) => {
    const z = square(m, r);
    const sine = held(m, mul(horner(z, SINE[m.lanes.name]), r));
    const cosine = held(m, add(mul(horner(z, COSINE[m.lanes.name]), z), 1));
    const exchanged = held(m, and(xor(sine, cosine), odd[i]!));
    return {
      sine: held(m, xor(xor(sine, exchanged), ofSine[i]!)),
      cosine: held(m, xor(xor(cosine, exchanged), ofCosine[i]!)),
    };
  });
  return { sines: parts.map(({ sine }) => sine), cosines: parts.map(({ cosine }) => cosine) };
}

/** Two normal numbers of each of four pairs of words. */
export function normals(m: Machine, forRadius: Vector, forAngle: Vector): Pair {
  const r = radii(m, forRadius);
  const { sines, cosines } = turned(m, forAngle);
  const stretched = (of: Numbers): Numbers => of.map((x, i) => held(m, mul(r[i]!, x)));
  return { sines: stretched(sines), cosines: stretched(cosines) };
}

/** Counters that are computed at once. */
export const LANES = 4;

/** The first slots of four counters, from their words. */
export function slotsOf(
  m: Machine,
  kind: "normal" | "uniform",
  drawn: readonly Vector[],
  count: number,
): readonly Numbers[] {
  if (kind === "uniform") return drawn.slice(0, count).map((word) => uniforms(m, word));
  const pairs = [0, 2].filter((slot) => slot < count).map((slot) => normals(m, drawn[slot]!, drawn[slot + 1]!));
  return pairs.flatMap(({ sines, cosines }) => [sines, cosines]).slice(0, count);
}

/** Four numbers, one after the other. */
export const storeAll = (m: Machine, numbers: Numbers, at: () => void, offset: number): void =>
  numbers.forEach((x, i) => {
    at();
    x(m);
    memory(m, OP.store, offset + i * m.lanes.count * m.lanes.bytes);
  });
