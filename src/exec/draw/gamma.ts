// Gamma draws by rejection: Marsaglia and Tsang 2000, "A simple method for generating gamma variables".

import type { Drawing } from "./arithmetic.ts";

/** Log of a Gamma(shape, 1) draw; for shape < 1 of a draw of shape + 1 times U^(1/shape). */
export function logGamma<X, T>(a: Drawing<X, T>, [shape]: readonly X[]): X {
  return a.either(
    a.less(0, shape!),
    () => a.where(a.equal(shape!, Infinity), Infinity, ofPositive(a, shape!)),
    () => NaN,
  );
}

/** d v, v = (1 + c x)³ of a normal x, is taken where log u < x²/2 + d - d v + d log v, for sure where u < 1 - 0.0331 x⁴. */
function ofPositive<X, T>(a: Drawing<X, T>, shape: X): X {
  const isRaised = a.less(shape, 1);
  const d = a.sub(a.where(isRaised, a.add(shape, 1), shape), 1 / 3);
  const c = a.div(1, a.sqrt(a.mul(d, 9)));
  const [logV, rest] = a.attempts((numbers) => {
    const x = numbers.normal(0);
    const u = numbers.uniform(2);
    const root = a.add(a.mul(c, x), 1);
    const v = a.mul(a.mul(root, root), root);
    const logV = a.mul(a.log(root), 3);
    const z = a.mul(x, x);
    const isSure = a.less(u, a.sub(1, a.mul(a.mul(z, z), 0.0331)));
    const isBelow = (): T => {
      const bound = a.add(a.mul(z, 0.5), a.mul(d, a.add(a.sub(1, v), logV)));
      return a.less(a.log(u), bound);
    };
    return { isTaken: a.and(a.less(0, root), a.or(isSure, isBelow)), values: [logV, numbers.uniform(3)] };
  }) as [X, X];
  const power = a.either(
    isRaised,
    () => a.div(a.log(rest), shape),
    () => 0,
  );
  return a.add(a.add(a.log(d), logV), power);
}
