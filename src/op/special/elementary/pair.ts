// Numbers as unevaluated sums of two float64 numbers, about 106 bits (Dekker 1971, "A floating-point technique for
// extending the available precision").

export type Pair = { readonly high: number; readonly low: number };

/** a + b, |a| >= |b| or a = 0. */
export function sum(a: number, b: number): Pair {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** 2^27 + 1 splits a number into two halves of 26 bits. */
const SPLITTER = 134217729;

/** a b exactly, |a|, |b| and |a b| within 2^±990. */
export function product(a: number, b: number): Pair {
  const [c, d] = [SPLITTER * a, SPLITTER * b];
  const [a1, b1] = [c - (c - a), d - (d - b)];
  const [a2, b2] = [a - a1, b - b1];
  const high = a * b;
  return { high, low: a1 * b1 - high + a1 * b2 + a2 * b1 + a2 * b2 };
}

/** Of two pairs. */
export function times(a: Pair, b: Pair): Pair {
  const { high, low } = product(a.high, b.high);
  return sum(high, low + (a.high * b.low + a.low * b.high));
}
