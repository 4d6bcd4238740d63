#!/usr/bin/env node
// The file that the shell starts.

import { join } from "node:path";
import { processIo } from "./io.ts";
import { programScript } from "./script.ts";

const { run } = programScript(join(import.meta.dirname, "cli", "program.cjs")).load();
void run(process.argv.slice(2), processIo()).then((exit) => void (process.exitCode = exit));
