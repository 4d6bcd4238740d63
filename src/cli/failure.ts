// What ends a command early: a wrong command line, diagnostics, or a bug of ours.

import { CommanderError } from "commander";
import { VariateError } from "../base/diagnostic.ts";
import type { View } from "./view.ts";
import { showFailure, showJson } from "./view.ts";

/** Stops with a message about the command line; `hint` is one thing to try. */
export function refuseUsage(message: string, hint?: string): never {
  throw new CommanderError(1, "variate.usage", hint === undefined ? message : `${message}\n(${hint})`);
}

/** Shows why a command ended and returns the exit code. */
export function reportFailure(error: unknown, view: View): number {
  if (error instanceof VariateError) return showFailure(view, error.diagnostics);
  if (!(error instanceof CommanderError)) return reportBug(error, view);
  if (error.exitCode === 0) return 0;
  const [first, ...rest] = error.message.replace(/^error: /, "").split("\n");
  const hint = rest.join(" ").replace(/^\(|\)$/g, "");
  return report(view, "usage", first!, hint === "" ? undefined : hint);
}

/** A message without a code: nothing in a program or its data caused it. */
function report(view: View, code: "usage" | "internal", message: string, hint?: string): number {
  view.io.err(`error: ${message}\n${hint === undefined ? "" : `  = hint: ${hint}\n`}`);
  if (view.json) {
    const diagnostic = { code, severity: "error", message, ...(hint === undefined ? {} : { hint }) };
    showJson(view, { diagnostics: [diagnostic] });
  }
  return 1;
}

/** The stack goes along: the message asks for a report. */
function reportBug(error: unknown, view: View): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return report(view, "internal", text);
}
