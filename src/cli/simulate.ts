// `variate simulate`: data from the prior of a model, as one JSON document.

import type { Draws } from "../result.ts";
import { nestedDraws } from "../output/nested.ts";
import type { ViewOptions } from "./view.ts";
import { readInputs } from "./read-inputs.ts";
import type { View } from "./view.ts";
import { showDiagnostics, showJson } from "./view.ts";

export type SimulateFlags = ViewOptions & {
  readonly data?: readonly string[];
  readonly draws?: number;
  readonly seed?: number;
};

export async function runSimulate(
  path: string,
  { data: files, draws, seed }: SimulateFlags,
  view: View,
): Promise<number> {
  const { source, data, dataFile, dataOrigins } = await readInputs(path, files, view.io);
  const { simulate } = await import("../simulate.ts");
  const given = { ...(draws === undefined ? {} : { draws }), ...(seed === undefined ? {} : { seed }) };
  const result = simulate(source, data ?? {}, { ...given, dataFile, dataOrigins });
  showDiagnostics(view, result.report);
  const lists = (arrays: Readonly<Record<string, Draws>>): object =>
    Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, nestedDraws(array)]));
  showJson(view, {
    model: result.model,
    seed: result.seed,
    draws: result.draws,
    sites: lists(result.sites),
    reports: lists(result.reports),
    data: lists(result.data),
    warnings: result.report.map(({ code, message }) => ({ code, message })),
  });
  return 0;
}
