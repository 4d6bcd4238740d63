// Files and standard input as text; what the operating system says becomes a diagnostic.

import { readdir, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Diagnostic, Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Io } from "./io.ts";

export type TextReading = { readonly text: string | null; readonly name: string; readonly report: Report };

export const STDIN_NAME = "(standard input)";

/** The text of `path`, or of standard input for `-`, without a byte order mark. */
export async function readText(path: string, io: Io): Promise<TextReading> {
  const name = path === "-" ? STDIN_NAME : path;
  try {
    const bytes = path === "-" ? await io.stdin() : await readFile(path);
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), name, report: [] };
  } catch (error) {
    return { text: null, name, report: [await describeFailure(path, error)] };
  }
}

/** PPL612 for a file. */
export function unreadable(file: string, why: string, hint?: string): Diagnostic {
  return diagnose("PPL612", { kind: "file", file }, { file, why }, { hint });
}

async function describeFailure(path: string, error: unknown): Promise<Diagnostic> {
  if (error instanceof TypeError) return unreadable(path, "it is not UTF-8 text");
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT")
    return unreadable(path, "there is no such file", didYouMean(basename(path), await filesBeside(path)));
  if (code === "EISDIR") return unreadable(path, "it is a folder");
  return unreadable(path, code === "EACCES" ? "permission denied" : message);
}

async function filesBeside(path: string): Promise<string[]> {
  return readdir(dirname(path)).catch(() => []);
}
