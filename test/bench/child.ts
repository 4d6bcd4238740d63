// A process that stays alive and answers one line of JSON with one line of JSON, so that systems can take turns.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type Answer = Readonly<Record<string, number | null>>;
export type Child = {
  /** What it said when it had compiled and taken a first step. */
  readonly ready: Answer;
  readonly ask: (question: object) => Promise<Answer>;
  readonly end: () => void;
};

/** The line that names the error, in what a runtime prints at its death. */
export function lastError(complaint: string): string {
  const lines = complaint.trim().split("\n");
  return lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "";
}

/** Throws an `Error` with the end of the child's complaint when it dies or falls silent for `patience` seconds. */
export async function start([command, ...args]: readonly string[], patience = 180): Promise<Child> {
  const child = spawn(command!, args, { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)));
  const dead = new Promise<never>((_, reject) => {
    child.on("error", reject);
    child.on("exit", () => reject(new Error(lastError(complaint))));
  });
  dead.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${patience} s`)), 1000 * patience);
    });
    try {
      for (;;) {
        const line = await Promise.race([lines.next(), dead, silence]);
        if (line.done === true) await dead;
        // Some systems print more than they are asked for.
        if (String(line.value).startsWith("{")) return JSON.parse(String(line.value)) as Answer;
      }
    } catch (error) {
      child.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    ready: await next(),
    ask: (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return next();
    },
    end: () => void child.stdin.end(),
  };
}
