// The engine of a fit in words, with its threads where large steps had more than one.

import type { Fit } from "../result.ts";

export function engineWords({ engine, device, precision, threads }: Fit): string {
  const shared = threads > 1 ? [`${threads} threads`] : [];
  return `${engine} (${[device, precision, ...shared].join(", ")})`;
}
