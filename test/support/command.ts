// The command line run in this process: words → exit code and what it wrote.

import { run } from "../../src/cli/program.ts";

export type Captured = { readonly exit: number; readonly out: string; readonly err: string };

export async function captured(words: readonly string[]): Promise<Captured> {
  const text = { out: "", err: "" };
  const exit = await run(words, {
    out: (part) => void (text.out += part),
    err: (part) => void (text.err += part),
    stdin: async () => new Uint8Array(),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
  });
  return { exit, ...text };
}
