// `npm test`: runs vitest and ends with one line, `N passed, N failed`. Arguments go to vitest.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type JsonReport = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** A file that could not be loaded has failed and holds no tests. */
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
};

function readReport(file: string): JsonReport | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as JsonReport;
  } catch {
    return null;
  }
}

/** A crash without a failed test still counts as a failure. */
function countFailed(report: JsonReport | null, status: number | null): number {
  const unloadable =
    report?.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0) ?? [];
  const failed = (report?.numFailedTests ?? 0) + unloadable.length;
  return failed === 0 && status !== 0 ? 1 : failed;
}

const folder = mkdtempSync(join(tmpdir(), "variate-test-"));
const file = join(folder, "report.json");
const { status } = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--config",
    "test/vitest.config.ts",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
const report = readReport(file);
rmSync(folder, { recursive: true, force: true });
const failed = countFailed(report, status);
console.log(`${report?.numPassedTests ?? 0} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
