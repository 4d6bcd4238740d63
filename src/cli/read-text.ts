// Files and standard input as text; what the operating system says becomes a diagnostic.

import { readdir, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Diagnostic, Report } from "../base/diagnostic.ts";
import { diagnose } from "../base/diagnostic.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Io } from "./io.ts";

export type TextReading = { readonly text: string | null; readonly name: string; readonly report: Report };

export const STDIN_NAME = "(standard input)";

export type BytesReading = { readonly bytes: Uint8Array | null; readonly name: string; readonly report: Report };

/** The bytes of `path`, or of standard input for `-`. */
export async function readBytes(path: string, io: Io): Promise<BytesReading> {
  const name = path === "-" ? STDIN_NAME : path;
  try {
    return { bytes: path === "-" ? await io.stdin() : await readFile(path), name, report: [] };
  } catch (error) {
    return { bytes: null, name, report: [await describeFailure(path, error as NodeJS.ErrnoException)] };
  }
}

/** The text of `path`, or of standard input for `-`, without a byte order mark. */
export async function readText(path: string, io: Io): Promise<TextReading> {
  const { bytes, name, report } = await readBytes(path, io);
  if (bytes === null) return { text: null, name, report };
  const text = decodeText(bytes);
  return { text, name, report: text === null ? [unreadable(name, "it is not UTF-8 text")] : [] };
}

/** UTF-8 without its byte order mark; null for other bytes. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** PPL612 for a file. */
export function unreadable(file: string, why: string, hint?: string): Diagnostic {
  return diagnose("PPL612", { kind: "file", file }, { file, why }, { hint });
}

async function describeFailure(path: string, { code, message }: NodeJS.ErrnoException): Promise<Diagnostic> {
  if (code === "ENOENT")
    return unreadable(path, "there is no such file", didYouMean(basename(path), await filesBeside(path)));
  if (code === "EISDIR") return unreadable(path, "it is a folder");
  return unreadable(path, code === "EACCES" ? "permission denied" : message);
}

async function filesBeside(path: string): Promise<string[]> {
  return readdir(dirname(path)).catch(() => []);
}
