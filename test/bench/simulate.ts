// Data of the workloads that no example has: every set is drawn with a fixed seed, from the law that its model fits.

import { normals, uniforms } from "../../src/fit/random.ts";
import type { RawData } from "../../src/result.ts";

const SEED = 20;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The first entry at which the running sum of `weights` passes u. */
function pick(weights: readonly number[], u: number): number {
  const total = weights.reduce((a, b) => a + b, 0);
  let sum = 0;
  const found = weights.findIndex((w) => (sum += w) >= u * total);
  return found < 0 ? weights.length - 1 : found;
}

/** The wells: real distances and answers, and two more columns of the size that the survey's have (arsenic, years of school). */
export function wells({ dist, switched }: RawData, copies = 1): RawData {
  const rows = dist as number[];
  const arsenic = normals(rows.length, SEED, "fit:arsenic");
  const school = uniforms(SEED, "fit:school");
  const x = rows.map((d, i) => [1, d / 100, 0.5 + Math.exp(0.6 * arsenic[i]! - 0.2), Math.floor(18 * school()) / 4]);
  return { x: replicated(x, copies), switched: replicated(switched as number[], copies) };
}

/** All rows again and again. */
export const replicated = <Row>(rows: readonly Row[], copies: number): Row[] => range(copies).flatMap(() => [...rows]);

/** 200 steps of a stationary autoregression of order 5. */
export function autoregression(): RawData {
  const beta = [0.7, -0.1, 0.05, 0.02, -0.1];
  const e = normals(200, SEED, "fit:autoregression");
  const y: number[] = [];
  for (let t = 0; t < e.length; t++)
    y.push(0.2 + beta.reduce((sum, b, k) => sum + b * (y[t - 1 - k] ?? 0), 0) + 0.15 * e[t]!);
  return { T: y.length, K: beta.length, y };
}

/** 500 steps of a chain of four sticky states. */
export function chain(): RawData {
  const truth = [-4.5, -1.5, 1.5, 4.5];
  const [u, e] = [uniforms(SEED, "fit:chain"), normals(500, SEED, "fit:emissions")];
  let z = 0;
  const y = Array.from(e, (noise) => {
    z = pick(
      truth.map((_, k) => (k === z ? 0.85 : 0.05)),
      u(),
    );
    return truth[z]! + 0.8 * noise;
  });
  return { y, centre: [-4, -1, 1, 4] };
}

/** 2,000 points around eight centres on a circle. */
export function points(): RawData {
  const [u, e] = [uniforms(SEED, "fit:components"), normals(4000, SEED, "fit:points")];
  const angle = range(2000).map(() => (Math.PI * Math.floor(8 * u())) / 4);
  return {
    K: 8,
    x: angle.map((a, i) => 5 * Math.cos(a) + 0.6 * e[2 * i]!),
    y: angle.map((a, i) => 5 * Math.sin(a) + 0.6 * e[2 * i + 1]!),
  };
}

/** 200 documents of 100 words out of 500, ten topics; weights of words and shares of topics are exponentials of normals. */
export function topics(): RawData {
  const [D, V, K, words] = [200, 500, 10, 100];
  const u = uniforms(SEED, "fit:words");
  const weights = (rows: number, columns: number, sd: number, use: "fit:topics" | "fit:shares"): number[][] => {
    const e = normals(rows * columns, SEED, use);
    return range(rows).map((r) => range(columns).map((c) => Math.exp(sd * e[r * columns + c]!)));
  };
  const [topic, share] = [weights(K, V, 3, "fit:topics"), weights(D, K, 2, "fit:shares")];
  const counts = share.map((shares) => {
    const row = Array<number>(V).fill(0);
    for (let n = 0; n < words; n++) row[pick(topic[pick(shares, u())]!, u())]!++;
    return row;
  });
  const e = normals(K * V, SEED, "fit:starts");
  return { counts, start: range(K).map((k) => range(V).map((v) => Math.exp(0.3 * e[k * V + v]!))) };
}
