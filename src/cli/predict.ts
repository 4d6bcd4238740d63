// `variate predict FIT`: the `predict` blocks of a fit that was written with --out.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Nested } from "../result.ts";
import { arraysCsv, readDraws } from "../output/draws-csv.ts";
import { jsonOf, present } from "../output/fit-json.ts";
import { flatten, shapeOf } from "../output/nested.ts";
import type { Kept } from "../predict.ts";
import { refuseUsage } from "./failure.ts";
import { readInputs, readNewData } from "./read-inputs.ts";
import type { View, ViewOptions } from "./view.ts";
import { showDiagnostics, showResult } from "./view.ts";
import { checkFolder, writeFolder } from "./write-fit.ts";

export type PredictFlags = ViewOptions & {
  readonly data?: readonly string[];
  readonly seed?: number;
  readonly out?: string;
};

/** What the folder of predictions holds. */
const FILES = ["predictions.json", "predictions.csv"];

export async function runPredict(
  folder: string,
  { data: files, seed, out }: PredictFlags,
  view: View,
): Promise<number> {
  const document = await readFit(folder);
  const { source, data, dataFile } = await readInputs(folder, undefined, view.io);
  const fresh = await readNewData(files ?? [], view.io);
  if (out !== undefined) await checkFolder(out, FILES, "predictions.json");
  const kept: Kept = { data: data ?? {}, dataFile, given: await readGiven(folder, document), seed: document.seed };
  const { predict } = await import("../predict.ts");
  const result = predict(source, kept, fresh, seed === undefined ? {} : { seed });
  showDiagnostics(view, result.report);
  const { value: json, nonFinite } = jsonOf(
    {
      model: result.model,
      fit: folder,
      seed: seed ?? document.seed,
      draws: result.draws,
      predictions: present(result.predicted),
      labels: result.labels,
    },
    result.report.map(({ code, message }) => ({ code, message })),
  );
  if (nonFinite !== null && !view.quiet) view.io.err(`warning: ${nonFinite.message}\n`);
  if (out !== undefined) {
    await writeFolder(
      out,
      [
        { path: "predictions.json", content: `${JSON.stringify({ variate: document.variate, ...json }, null, 2)}\n` },
        { path: "predictions.csv", content: arraysCsv(result.predictions, result.draws) },
      ],
      FILES,
      "predictions.json",
    );
  }
  const { printSummaries } = await import("./print-fit.ts");
  showResult(
    view,
    () => printSummaries(result.predicted, result.labels, view.colors),
    () => json,
  );
  return 0;
}

/** The parts of fit.json that a prediction needs. */
type FitDocument = {
  readonly variate: string;
  readonly seed: number;
  readonly sites: Readonly<Record<string, { readonly mean: Nested }>>;
  readonly params: Readonly<Record<string, Nested>>;
};

async function readFit(folder: string): Promise<FitDocument> {
  const text = await readFile(join(folder, "fit.json"), "utf8").catch(() =>
    refuseUsage(`${folder} is no folder of a fit`, "write one with variate infer MODEL --out DIR"),
  );
  const document = JSON.parse(text) as Partial<FitDocument>;
  return document.variate !== undefined && document.sites !== undefined
    ? (document as FitDocument)
    : refuseUsage(`${folder} is no folder of a fit`);
}

async function readGiven(folder: string, { sites, params }: FitDocument): Promise<Kept["given"]> {
  const shapes = Object.fromEntries(Object.entries(sites).map(([name, { mean }]) => [name, shapeOf(mean)]));
  const text = await readFile(join(folder, "draws.csv"), "utf8").catch(() => "");
  const read =
    readDraws(text, shapes) ?? refuseUsage(`${join(folder, "draws.csv")} does not hold the draws of this fit`);
  const values = Object.entries(params).map(
    ([name, value]) => [name, { shape: shapeOf(value), values: Float64Array.from(flatten(value)) }] as const,
  );
  return { n: read.n, sites: read.draws, params: Object.fromEntries(values) };
}
