// Whether the posterior looks improper: along some straight line out of the guide log p falls no faster than -log of
// the distance, so that its integral has no end. Two sides of every direction of the guide's scale are tried, and the
// way that the mean has come.

import { finiteMean, marginalSds, type Draws, type Guide } from "./guide.ts";
import { norm } from "./linear-algebra.ts";
import { repeated } from "./start.ts";
import type { FixedTarget } from "./target.ts";
import * as math from "../op/special/elementary.ts";

/** Distances in guide sds: powers of 4, so that 4^20 = 10^12 is the last. */
const BASE = 4;
const FURTHEST = 20;
/** A line has to be finite at least that far, as a power. */
const FEWEST = 4;
/** The power at which a first look leaves out the lines that fall, and by how many nats they do. */
const GLANCE = 4;
const FALLEN = 30;
/** A coordinate with this part of the largest share of a direction is named. */
const SHARE = 0.1;

/** The coordinates that run away together along a line that does not fall, or null. `from`: an earlier mean. */
export function endlessLine(
  target: FixedTarget,
  guide: Guide,
  from: Float64Array,
  { eps, n }: Draws,
): readonly number[] | null {
  const log = (x: Float64Array): number => finiteMean(target.values(repeated(x, n), guide.points, eps, n));
  const atMean = log(guide.mean);
  if (atMean === -Infinity) return null;
  const far = (line: Float64Array, power: number): number =>
    log(guide.mean.map((m, j) => m + math.pow(BASE, power) * line[j]!));
  for (const line of lines(target, guide, from)) {
    if (far(line, GLANCE) <= atMean - FALLEN) continue;
    if (isEndless((power) => far(line, power), atMean)) return movers(line, marginalSds(guide, target.blocks));
  }
  return null;
}

function isEndless(logAt: (power: number) => number, atMean: number): boolean {
  const logs: number[] = [];
  for (let power = 0; power <= FURTHEST; power++) {
    const log = logAt(power);
    if (!Number.isFinite(log)) break;
    logs.push(log);
  }
  const last = logs.length - 1;
  if (last < FEWEST) return false;
  const middle = Math.floor(last / 2);
  return logs[last]! > atMean - FALLEN && logs[last]! - logs[middle]! > -(last - middle) * math.log(BASE);
}

/** Columns of the scales with both signs, and the way of the mean in units of the guide. */
function lines({ blocks }: FixedTarget, guide: Guide, from: Float64Array): Float64Array[] {
  const { mean, scales } = guide;
  const columns = blocks.flatMap(({ start, size }, b) =>
    Array.from({ length: size }, (_, c) => {
      const line = new Float64Array(mean.length);
      for (let r = c; r < size; r++) line[start + r] = scales[b]![r * size + c]!;
      return line;
    }),
  );
  const sds = marginalSds(guide, blocks);
  const way = mean.map((m, j) => m - from[j]!);
  const length = norm(way.map((w, j) => w / sds[j]!));
  return [
    ...(length > 0 ? [way.map((w) => w / length)] : []),
    ...columns.flatMap((line) => [line, line.map((l) => -l)]),
  ];
}

function movers(line: Float64Array, sds: Float64Array): number[] {
  const shares = line.map((l, j) => Math.abs(l) / sds[j]!);
  const most = shares.reduce((a, b) => Math.max(a, b), 0);
  return [...shares.keys()].filter((j) => shares[j]! >= SHARE * most);
}
