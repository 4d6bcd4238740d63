// Peak memory of this process in MB. Preloaded with PEAK_MEMORY=1 it writes it to standard error at the end.

import { existsSync, readFileSync, writeSync } from "node:fs";

/** Linux keeps the peak of the process alone; the usage that `resourceUsage` gives starts from the parent's memory at the fork. */
export function peakMegabytes() {
  const status = "/proc/self/status";
  const own = existsSync(status) ? /VmHWM:\s*(\d+)/.exec(readFileSync(status, "utf8")) : null;
  return (own === null ? process.resourceUsage().maxRSS : Number(own[1])) / 1024;
}

if (process.env["PEAK_MEMORY"] === "1") {
  process.on("exit", () => void writeSync(2, `\n{"megabytes": ${peakMegabytes()}}\n`));
}
