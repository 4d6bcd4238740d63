// One line on the terminal that is written over while a fit runs; nothing where standard error is a file.

import type { ProgressEvent } from "../result.ts";
import { formatCount, formatShort } from "../output/number.ts";
import { shorten } from "./table.ts";
import type { View } from "./view.ts";

const PAUSE_MS = 100;

export type Progress = { readonly update: (event: ProgressEvent) => void; readonly clear: () => void };

export function showProgress({ io, quiet }: View): Progress {
  if (quiet || !io.errIsTerminal) return { update: () => undefined, clear: () => undefined };
  let next = 0;
  let isShown = false;
  return {
    update: (event) => {
      if (Date.now() < next) return;
      next = Date.now() + PAUSE_MS;
      isShown = true;
      io.err(`\r\x1b[K${shorten(line(event), io.columns - 1)}`);
    },
    clear: () => {
      if (isShown) io.err("\r\x1b[K");
    },
  };
}

function line({ phase, gradients, elbo, done }: ProgressEvent): string {
  const part = done === null ? "" : `${String(Math.round(100 * done)).padStart(3)}%  `;
  const value = Number.isFinite(elbo) ? `  ELBO ${formatShort(elbo)}` : "";
  return `${part}${phase}  ${formatCount(gradients)} gradients${value}`;
}
