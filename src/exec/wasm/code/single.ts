// Numbers of float64 as float32 where rounding would change what they are for: bounds that keep a logarithm, a quotient or a sum finite.

/** e^±80: coefficients up to a thousand times its reciprocal, and sums of thousands of it, are finite in float32. */
const FAR = 2 ** 116;
const BELOW_ONE = 1 - 2 ** -24;

/** The nearest number of float32 that is finite, not 0 and of size below 1 where the number is. */
export function asSingle(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || size === Infinity || Number.isNaN(value)) return value;
  const near = size < 1 ? Math.min(Math.fround(size), BELOW_ONE) : Math.fround(size);
  const isLost = near < 2 ** -126 || near === Infinity;
  return Math.sign(value) * (isLost ? (size < 1 ? 1 / FAR : FAR) : near);
}
