// A system of the bench that runs in Node: questions as lines of JSON on standard input, an answer for each on standard output.

import { createInterface } from "node:readline";
import { adaptiveChunks } from "./chunks.ts";
import { peakMegabytes } from "./peak-memory.mjs";

export const say = (reply: object): void => void process.stdout.write(`${JSON.stringify(reply)}\n`);

/** `run` takes so many steps; `elbo` estimates the ELBO now. Lasts until standard input ends. */
export async function answer(run: (steps: number) => unknown, elbo: (draws: number) => number): Promise<void> {
  const chunks = adaptiveChunks(run);
  for await (const line of createInterface({ input: process.stdin })) {
    const ask = JSON.parse(line) as { ask: "time"; seconds: number } | { ask: "elbo"; draws: number };
    if (ask.ask === "time") say(await chunks(ask.seconds));
    else say({ elbo: elbo(ask.draws), megabytes: peakMegabytes() });
  }
}
