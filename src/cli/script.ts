// The program as one script, run by the start file with the code that V8 made of it at the build: compiling what a
// small fit needs of the program takes a third of the time from the shell to the posterior. Another version of Node has
// no use for that code, and compiles the script itself.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";
import type { run } from "./program.ts";

export type Program = { readonly run: typeof run };

export type ProgramScript = {
  /** Evaluates the script. */
  readonly load: () => Program;
  /** Whether V8 took the code that lies beside the script. */
  readonly isCompiled: boolean;
  /** The code of all functions that were called until now. */
  readonly code: () => Uint8Array;
};

/** Where the code of a script lies. V8 does not look whether another processor's version made it. */
export const codeFile = (file: string): string => `${file}.${process.arch}.code`;

/** The CommonJS module in `file` (an absolute path). V8 compares its own version and flags and the length of the text,
 *  no more: who writes the text writes the code. The text is ASCII but for comments, and read as Latin-1: one byte a
 *  character, in memory too. */
export function programScript(file: string): ProgramScript {
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, "latin1")}\n})`;
  const code = codeFile(file);
  const script = new Script(text, {
    filename: file,
    ...(existsSync(code) ? { cachedData: readFileSync(code) } : {}),
  });
  const load = (): Program => {
    const module = { exports: {} as Program };
    const wrapped = script.runInThisContext() as (...given: readonly unknown[]) => void;
    wrapped(module.exports, createRequire(file), module, file, dirname(file));
    return module.exports;
  };
  return { load, isCompiled: script.cachedDataRejected === false, code: () => script.createCachedData() };
}
