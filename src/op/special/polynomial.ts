// Evaluation of fixed polynomials, as every approximation in this folder needs it.

/** c[0] + c[1] x + c[2] x^2 + …, by Horner's rule. */
export function horner(c: readonly number[], x: number): number {
  let sum = 0;
  for (let i = c.length - 1; i >= 0; i--) sum = sum * x + c[i]!;
  return sum;
}

/** c[0] T_0(t) + c[1] T_1(t) + …, by Clenshaw's recurrence. */
export function chebyshev(c: readonly number[], t: number): number {
  let b1 = 0;
  let b2 = 0;
  for (let i = c.length - 1; i >= 1; i--) [b1, b2] = [2 * t * b1 - b2 + c[i]!, b1];
  return t * b1 - b2 + c[0]!;
}

/** c[0] + c[1] x + c[2] x^2 + … as E(x²) + x O(x²): the order of operations on lanes, where it is the shorter chain. */
export function paired(c: readonly number[], x: number): number {
  const z = x * x;
  let last = 0; // the chain that holds the last coefficient, and the other
  let other = 0;
  for (let i = c.length - 1; i > 0; i -= 2) {
    last = last * z + c[i]!;
    other = other * z + c[i - 1]!;
  }
  return c.length % 2 === 0 ? other + last * x : last * z + c[0]! + other * x;
}
