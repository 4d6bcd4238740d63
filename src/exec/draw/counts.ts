// Poisson and binomial counts: inversion where few are expected, else transformed rejection (Hörmann 1993, "The transformed rejection method for
// generating Poisson random variables", algorithm PTRS, and "The generation of binomial random variates", algorithm BTRS).

import { STIRLING, HALF_LOG_TWO_PI } from "../../op/special/gamma.ts";
import { log1p, type Arithmetic, type Drawing } from "./arithmetic.ts";

/** Fewer expected counts than these are inverted. */
const FEW = 10;

export function poisson<X, T>(a: Drawing<X, T>, [rate]: readonly X[]): X {
  return a.either(
    a.and(a.atMost(0, rate!), a.less(rate!, Infinity)),
    () =>
      a.either(
        a.less(rate!, FEW),
        () => inverted(a, a.exp(a.sub(0, rate!)), (k) => a.div(rate!, k), Infinity),
        () => ofLargeRate(a, rate!),
      ),
    () => NaN,
  );
}

function ofLargeRate<X, T>(a: Drawing<X, T>, rate: X): X {
  const { add, sub, mul, div } = a;
  const logRate = a.log(rate);
  const b = add(mul(a.sqrt(rate), 2.53), 0.931);
  const hat = {
    a: add(mul(b, 0.02483), -0.059),
    b,
    scale: add(div(1.1328, sub(b, 3.4)), 1.1239),
    squeeze: sub(0.9277, div(3.6224, sub(b, 2))),
    centre: rate,
    shift: 0.43,
  };
  return transformed(a, hat, (k, us, v, scaled) => {
    const isInside = a.and(a.atMost(0, k), a.not(a.and(a.less(us, 0.013), a.less(us, v))));
    const bound = sub(sub(mul(k, logRate), rate), logFactorial(a, k));
    return a.and(isInside, a.atMost(scaled, bound));
  });
}

/** Above one half failures are drawn. */
export function binomial<X, T>(a: Drawing<X, T>, [n, p]: readonly X[]): X {
  const isShare = a.and(a.atMost(0, p!), a.atMost(p!, 1));
  const isCount = a.and(a.and(a.atMost(0, n!), a.less(n!, Infinity)), a.equal(a.floor(n!), n!));
  return a.either(
    a.and(isShare, isCount),
    () => {
      const isLarge = a.less(0.5, p!);
      const rarer = a.where(isLarge, a.sub(1, p!), p!);
      const k = rare(a, n!, rarer);
      return a.where(isLarge, a.sub(n!, k), k);
    },
    () => NaN,
  );
}

/** p <= 1/2. */
function rare<X, T>(a: Drawing<X, T>, n: X, p: X): X {
  const q = a.sub(1, p);
  const ratio = (k: X): X => a.div(a.mul(a.add(a.sub(n, k), 1), p), a.mul(k, q));
  return a.either(
    a.less(a.mul(n, p), FEW),
    () => inverted(a, a.exp(a.mul(n, log1p(a, a.sub(0, p)))), ratio, n),
    () => ofMany(a, n, p, q),
  );
}

function ofMany<X, T>(a: Drawing<X, T>, n: X, p: X, q: X): X {
  const { add, sub, mul, div } = a;
  const sd = a.sqrt(mul(mul(n, p), q));
  const b = add(mul(sd, 2.53), 1.15);
  const mode = a.floor(mul(add(n, 1), p));
  const logOdds = a.log(div(p, q));
  const atMode = add(logFactorial(a, mode), logFactorial(a, sub(n, mode)));
  const hat = {
    a: add(add(mul(b, 0.0248), -0.0873), mul(p, 0.01)),
    b,
    scale: mul(add(div(5.1, b), 2.83), sd),
    squeeze: sub(0.92, div(4.2, b)),
    centre: mul(n, p),
    shift: 0.5,
  };
  return transformed(a, hat, (k, _us, _v, scaled) => {
    const isInside = a.and(a.atMost(0, k), a.atMost(k, n));
    const below = a.where(isInside, k, 0);
    const rest = sub(sub(atMode, logFactorial(a, below)), logFactorial(a, sub(n, below)));
    return a.and(isInside, a.atMost(scaled, add(rest, mul(sub(k, mode), logOdds))));
  });
}

/** A hat over the histogram: k = ⌊(2a / (1/2 - |u|) + b) u + centre + shift⌋. */
type Hat<X> = {
  readonly a: X;
  readonly b: X;
  readonly scale: X;
  /** Below it, near the middle, k is taken for sure. */
  readonly squeeze: X;
  readonly centre: X;
  readonly shift: number;
};

/** `isTaken`: of k, 1/2 - |u|, v, and the logarithm of v in units of the hat. */
function transformed<X, T>(a: Drawing<X, T>, hat: Hat<X>, isTaken: (k: X, us: X, v: X, scaled: X) => T): X {
  const { add, sub, mul, div } = a;
  const [drawn] = a.attempts((numbers) => {
    const u = sub(numbers.long(0), 0.5);
    const v = numbers.long(2);
    const us = sub(0.5, a.abs(u));
    const k = a.floor(add(add(mul(add(div(mul(hat.a, 2), us), hat.b), u), hat.centre), hat.shift));
    const isSure = a.and(a.atMost(0.07, us), a.atMost(v, hat.squeeze));
    const scaled = (): X => a.log(div(mul(v, hat.scale), add(div(hat.a, mul(us, us)), hat.b)));
    return { isTaken: a.or(isSure, () => isTaken(k, us, v, scaled())), values: [k] };
  });
  return drawn!;
}

/** The smallest k whose cumulative probability reaches a uniform number; `first`: P(0), `ratio(k)` = P(k) / P(k - 1). Ends where probabilities underflow. */
function inverted<X, T>(a: Drawing<X, T>, first: X, ratio: (k: X) => X, largest: X | number): X {
  const u = a.once().long(0);
  const goesOn = ([k, probability, left]: readonly X[]): T =>
    a.and(a.and(a.less(0, left!), a.less(k!, largest)), a.less(0, probability!));
  const [count] = a.turns([0, first, a.sub(u, first)], goesOn, ([before, probability, left]) => {
    const k = a.add(before!, 1);
    const own = a.mul(probability!, ratio(k));
    return [k, own, a.sub(left!, own)];
  });
  return count!;
}

/** From here on Stirling's series is exact to rounding. */
const LARGE = 10;

/** log k! = log Γ(y), y = k + 1 shifted up by a product: (y - 1/2)(log y - 1) - 1/2 + log(2π)/2 + (c0 + c1 / y² + …) / y (DLMF 5.11). */
function logFactorial<X, T>(a: Arithmetic<X, T>, k: X): X {
  const { add, sub, mul, div } = a;
  let y = add(k, 1);
  let product: X | number = 1;
  for (let shift = 1; shift < LARGE; shift++) {
    const isSmall = a.less(y, LARGE);
    product = a.where(isSmall, mul(product, y), product);
    y = a.where(isSmall, add(y, 1), y);
  }
  const z = div(1, mul(y, y));
  const series = STIRLING.reduceRight<X | number>((sum, c) => add(mul(sum, z), c), 0) as X;
  const main = add(mul(sub(y, 0.5), sub(a.log(y), 1)), HALF_LOG_TWO_PI - 0.5);
  return sub(add(main, div(series, y)), a.log(a.where(a.less(k, LARGE), product, 1)));
}
