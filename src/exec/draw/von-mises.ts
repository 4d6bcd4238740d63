// Angles by rejection from a wrapped Cauchy: Best and Fisher 1979, "Efficient simulation of the von Mises distribution".

import type { Drawing } from "./arithmetic.ts";
import { arc } from "./arc.ts";

/** Of a smaller concentration the angle is uniform. */
const LEAST = 1e-300;
/** From here on √(1 + 4k²) = 2k, and k² may be infinite. */
const LARGE = 1e100;

/** An angle in [-π, π) of mean direction 0. */
export function vonMises<X, T>(a: Drawing<X, T>, [concentration]: readonly X[]): X {
  return a.either(
    a.atMost(0, concentration!),
    () => {
      const k = a.where(a.less(concentration!, LEAST), LEAST, concentration!);
      return a.either(
        a.less(k, Infinity),
        () => ofFinite(a, k),
        () => 0,
      );
    },
    () => NaN,
  );
}

/** The cosine f of the wrapped Cauchy is 1 - 2r s² / (r + 2c²) with sine s and cosine c of a uniform angle: tan(θ/2) = s/c √(r / (r + 2)). 1 - rho and 1 - f
 *  are in the place of rho and f, which lose their digits for large and small k. */
function ofFinite<X, T>(a: Drawing<X, T>, k: X): X {
  const { add, sub, mul, div } = a;
  const isLarge = a.less(LARGE, k);
  const twice = mul(k, 2);
  const bounded = a.where(isLarge, 1, twice);
  const s = a.where(isLarge, twice, a.sqrt(add(mul(bounded, bounded), 1)));
  const root = a.sqrt(mul(add(s, 1), 2));
  const below = add(add(s, 1), root);
  const rho = div(twice, below);
  const ratio = div(add(add(div(1, add(s, twice)), 1), root), below);
  const r = div(mul(ratio, ratio), mul(rho, 2));
  const slope = a.sqrt(div(r, add(r, 2)));
  const [tangent] = a.attempts((numbers) => {
    const [sine, cosine] = [numbers.sine(0), numbers.cosine(0)];
    const u = numbers.long(2);
    const rest = div(mul(mul(r, 2), mul(sine, sine)), add(r, mul(mul(cosine, cosine), 2)));
    const c = mul(k, add(r, rest));
    const isBelow = (): T => a.atMost(c, add(a.log(div(c, u)), 1));
    return { isTaken: a.or(a.less(u, mul(c, sub(2, c))), isBelow), values: [mul(div(sine, cosine), slope)] };
  }) as [X];
  const angle = mul(arc(a, tangent), 2);
  return a.where(a.less(angle, Math.PI), angle, -Math.PI);
}
