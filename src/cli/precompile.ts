// Part of the build: runs the program on what people do first, and keeps the code that V8 made of it.

import { rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Io } from "./io.ts";
import { codeFile, programScript } from "./script.ts";

const COMMANDS = [
  ["infer", "examples/eight-schools"],
  ["infer", "examples/wells", "--json"],
  ["check", "examples/eight-schools"],
];

/** Throws where a command fails: a program that cannot fit its examples is not to be published. */
async function precompile(file: string): Promise<void> {
  rmSync(codeFile(file), { force: true });
  const { load, code } = programScript(file);
  const { run } = load();
  for (const command of COMMANDS) {
    let said = "";
    const exit = await run(
      command,
      silent((text) => void (said += text)),
    );
    if (exit !== 0) throw new Error(`variate ${command.join(" ")} failed:\n${said}`);
  }
  writeFileSync(codeFile(file), code());
}

const silent = (err: Io["err"]): Io => ({
  out: () => undefined,
  err,
  stdin: async () => new Uint8Array(),
  outIsTerminal: false,
  errIsTerminal: false,
  columns: 100,
});

void precompile(resolve(process.argv[2]!));
