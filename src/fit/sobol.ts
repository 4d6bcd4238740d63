// Scrambled Sobol' points: dimensions and a seed go in, points of the unit cube come out that fill it more evenly than
// independent ones. Sobol' 1967; direction numbers from our own search; nested uniform scrambling by hashing after
// Burley 2020.

import { uniforms } from "./random.ts";

/** Bits of a coordinate that differ between points: up to 2^16 points. */
const BITS = 16;

/** x, x^2, x^3, … modulo a polynomial over GF(2) of degree s (bits, highest first) return to 1 after 2^s - 1 steps and
 *  no earlier. */
function isPrimitive(polynomial: number, degree: number): boolean {
  const top = 1 << degree;
  let power = 1;
  for (let steps = 1; ; steps++) {
    power <<= 1;
    if (power & top) power ^= polynomial;
    if (power === 1) return steps === top - 1;
    if (steps === top) return false;
  }
}

/** The first `count` primitive polynomials by degree; there are 1110 of degree 13 or less. */
function primitivePolynomials(count: number): { readonly polynomial: number; readonly degree: number }[] {
  const found: { polynomial: number; degree: number }[] = [];
  for (let degree = 1; found.length < count; degree++) {
    for (let middle = 0; middle < 1 << (degree - 1) && found.length < count; middle++) {
      const polynomial = (1 << degree) | (middle << 1) | 1;
      if (isPrimitive(polynomial, degree)) found.push({ polynomial, degree });
    }
  }
  return found;
}

/** Direction numbers m_1 … m_BITS, each below 2^k: the first `degree` are given, the rest follow from the polynomial
 *  (Bratley & Fox 1988, equation 4). */
function extend(first: readonly number[], polynomial: number, degree: number): Int32Array {
  const m = Int32Array.from({ length: BITS }, (_, k) => first[k] ?? 0);
  for (let k = degree; k < BITS; k++) {
    let next = m[k - degree]! ^ (m[k - degree]! << degree);
    for (let j = 1; j < degree; j++) {
      if ((polynomial >> (degree - j)) & 1) next ^= m[k - j]! << j;
    }
    m[k] = next;
  }
  return m;
}

/** The rows of the generator matrix as bit sets over the columns: bit k of row r says that m_(k+1) has its r-th highest
 *  bit set. */
function generatorRows(m: Int32Array, size: number): Int32Array {
  return Int32Array.from({ length: size }, (_, r) => {
    let row = 0;
    for (let k = r; k < size; k++) row |= ((m[k]! >> (k - r)) & 1) << k;
    return row;
  });
}

/** How many pairs (a, b), a + b <= size, have dependent rows 1 … a of one matrix and 1 … b of the other: 0 for a
 *  perfect (0, size, 2)-net. The criterion is that of Joe & Kuo 2008 (two-dimensional projections). */
function defects(one: Int32Array, other: Int32Array, size: number): number {
  let count = 0;
  const basis = new Int32Array(size);
  for (let a = 1; a < size; a++) {
    basis.fill(0);
    let independent = true;
    for (let r = 0; r < a; r++) independent = insert(basis, one[r]!) && independent;
    for (let b = 1; a + b <= size; b++) {
      independent = independent && insert(basis, other[b - 1]!);
      if (!independent) count++;
    }
  }
  return count;
}

/** Adds a row to a reduced basis over GF(2); false where it depends on the rows before. */
function insert(basis: Int32Array, row: number): boolean {
  let rest = row;
  while (rest !== 0) {
    const high = 31 - Math.clz32(rest);
    if (basis[high] === 0) {
      basis[high] = rest;
      return true;
    }
    rest ^= basis[high]!;
  }
  return false;
}

/** Choices of first numbers tried for a dimension: many where all pairs of dimensions can still be good, few later, for
 *  time. */
const candidatesFor = (index: number): number => Math.max(4, Math.ceil(800 / (index + 8)));
/** The previous dimensions that each is compared with, and the points (2^8) at which pairs should be even. */
const NEIGHBOURS = 10;
const PAIR_BITS = 8;

/** The choice that the search takes for each of the first dimensions after the first: it would take a small fit's time
 *  to find them again. */
export const FOUND: readonly number[] = [
  0, 0, 1, 0, 0, 6, 9, 13, 28, 13, 37, 10, 21, 32, 26, 9, 3, 11, 28, 9, 6, 1, 16, 13, 11, 9, 20, 17, 8, 21, 3, 18, 9, 3,
  1, 7, 7, 6, 3, 17, 5, 0, 15, 10, 9, 9, 1, 0, 4, 9, 9, 6, 6, 8, 11, 6, 4, 6, 1, 0, 4, 7, 11, 9, 2, 7, 8, 4, 3, 8, 8, 2,
  1, 5, 7, 2, 2, 1, 1, 5, 2, 2, 6, 4, 1, 4, 2, 4, 0, 1, 2, 0, 0, 6, 1, 2, 0, 7, 2, 2, 2, 4, 6, 1, 5, 3, 0, 0, 5, 5, 4,
  0, 5, 6, 1, 2, 2, 1, 1, 6, 0, 1, 5, 1, 6, 6, 0, 1,
];

/** Direction numbers of `count` dimensions. The first is van der Corput's; each further one takes the best of a few
 *  choices of odd first numbers. `found`: the best choices that are known. */
export function sobolDirections(count: number, found = FOUND): readonly Int32Array[] {
  const directions: Int32Array[] = [new Int32Array(BITS).fill(1)];
  const rows = [generatorRows(directions[0]!, PAIR_BITS)];
  for (const [index, { polynomial, degree }] of primitivePolynomials(Math.max(0, count - 1)).entries()) {
    const known = found[index];
    const make = (number: number): Candidate => candidate(index, polynomial, degree, number);
    const { m, own } = known === undefined ? evenest(index, make, rows.slice(-NEIGHBOURS)) : make(known);
    directions.push(m);
    rows.push(own);
  }
  return directions.slice(0, count);
}

type Candidate = { readonly m: Int32Array; readonly own: Int32Array };

/** A choice of the first numbers of a dimension. */
function candidate(index: number, polynomial: number, degree: number, number: number): Candidate {
  const next = uniforms(number, "fit:sobol", index);
  const first = Array.from({ length: degree }, (_, k) => 2 * Math.floor(next() * 2 ** k) + 1);
  const m = extend(first, polynomial, degree);
  return { m, own: generatorRows(m, PAIR_BITS) };
}

/** The first of the candidates with the fewest defects beside `recent` dimensions. */
function evenest(index: number, make: (number: number) => Candidate, recent: readonly Int32Array[]): Candidate {
  let best: (Candidate & { readonly cost: number }) | null = null;
  for (let number = 0; number < candidatesFor(index) && best?.cost !== 0; number++) {
    const made = make(number);
    let cost = 0;
    for (const other of recent) if (best === null || cost < best.cost) cost += defects(made.own, other, PAIR_BITS);
    if (best === null || cost < best.cost) best = { ...made, cost };
  }
  return best!;
}

/** Reverses 32 bits. */
function reverse(word: number): number {
  let x = word;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return (x >>> 16) | (x << 16);
}

/** Flips every bit by a hash of the bits above it (Burley 2020, "Practical hash-based Owen scrambling", section 3). */
function scramble(word: number, seed: number): number {
  let x = reverse(word);
  x = (x + seed) | 0;
  x ^= Math.imul(x, 0x6c50b47c);
  x ^= Math.imul(x, 0xb82f1e52);
  x ^= Math.imul(x, 0xc7afe638);
  x ^= Math.imul(x, 0x8d22f6e6);
  return reverse(x) >>> 0;
}

/** `n` <= 2^16 points [n, directions.length], row-major, strictly inside (0, 1); best with n a power of two. `next`
 *  gives uniform numbers, one per dimension. */
export function sobolPoints(directions: readonly Int32Array[], n: number, next: () => number): Float64Array {
  const width = directions.length;
  const points = new Float64Array(n * width);
  for (const [j, m] of directions.entries()) {
    const key = Math.floor(next() * 2 ** 32) | 0;
    let word = 0;
    for (let i = 0; i < n; i++) {
      points[i * width + j] = (scramble(word, key) + 0.5) / 2 ** 32;
      // Gray code order (Antonov & Saleev 1979): the next point differs by one direction.
      const bit = 31 - Math.clz32((i + 1) & -(i + 1));
      word ^= m[bit]! << (31 - bit);
    }
  }
  return points;
}
