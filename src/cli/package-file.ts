// Files of the installed package: its version, and the pages of the errors.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ice } from "../base/ice.ts";

/** The nearest folder above this file with a package.json: the same from the sources and from the bundle. */
function packageFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) ice("the command line is not inside its package");
  }
}

export const packageFile = (...path: readonly string[]): string => join(packageFolder(), ...path);

export function version(): string {
  return (JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string }).version;
}
