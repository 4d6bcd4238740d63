// `variate gradients`: measured variance, bias and cost of every estimator that each site admits.

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { InferOptions, Nested } from "../result.ts";
import { jsonOf } from "../output/fit-json.ts";
import { refuseUsage } from "./failure.ts";
import type { CompileFlags } from "./options.ts";
import { inferOptions } from "./options.ts";
import { readInputs } from "./read-inputs.ts";
import type { View } from "./view.ts";
import { showDiagnostics, showResult } from "./view.ts";

export type GradientFlags = CompileFlags & {
  readonly data?: readonly string[];
  readonly at?: string;
  readonly replicates?: number;
};

export async function runGradients(path: string, flags: GradientFlags, view: View): Promise<number> {
  const { source, data, dataFile, dataOrigins } = await readInputs(path, flags.data, view.io);
  const place = flags.at === undefined ? await ofFit(path) : await read(flags.at);
  const { gradients } = await import("../gradients.ts");
  const { report, diagnostics } = gradients(source, data ?? {}, {
    ...place?.options,
    ...inferOptions(flags),
    dataFile,
    dataOrigins,
    ...(place === null ? {} : { at: place.params }),
    ...(flags.replicates === undefined ? {} : { replicates: flags.replicates }),
  });
  showDiagnostics(view, diagnostics);
  const { value: json, nonFinite } = jsonOf(
    report,
    diagnostics.map(({ code, message }) => ({ code, message })),
  );
  if (nonFinite !== null && !view.quiet) view.io.err(`warning: ${nonFinite.message}\n`);
  const { printGradients } = await import("./print-gradients.ts");
  showResult(
    view,
    () => printGradients(report, view.io.columns, view.colors),
    () => json,
  );
  return 0;
}

/** Where the guide stands, and how its fit was asked for. */
type Standing = { readonly params: Readonly<Record<string, Nested>>; readonly options: InferOptions };

/** MODEL may be the folder of a fit. */
const ofFit = async (path: string): Promise<Standing | null> =>
  (await isFile(join(path, FIT))) ? readStanding(join(path, FIT)) : null;

/** A file of parameters, a report of this command, or the folder of a fit. */
const read = async (path: string): Promise<Standing> =>
  readStanding((await isFile(join(path, FIT))) ? join(path, FIT) : path);

const FIT = "fit.json";

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

async function readStanding(path: string): Promise<Standing> {
  const text = await readFile(path, "utf8").catch((error: Error) => refuseUsage(`--at ${path}: ${error.message}`));
  const document = parsed(text, path);
  // A fit has `params` of its model beside those of its guide.
  const params = document["guideParams"] ?? document["params"] ?? document;
  if (!isParams(params))
    return refuseUsage(`--at ${path}: it needs numbers or lists of numbers by parameter`, PARAMS_HINT);
  return { params, options: document["guideParams"] === undefined ? {} : optionsOf(document) };
}

const PARAMS_HINT = "take `params` of `variate gradients --json`, or the folder of a fit";

function parsed(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(text);
    if (isRecord(document)) return document;
  } catch {
    // Said below.
  }
  return refuseUsage(`--at ${path}: it is no JSON object`, PARAMS_HINT);
}

/** The guide that was kept, and what else decides what its parameters are. */
function optionsOf({ options, guide }: Readonly<Record<string, unknown>>): InferOptions {
  const { seed, particles, objective, policy, estimators, batch } = (isRecord(options) ? options : {}) as InferOptions;
  const all = {
    seed,
    particles,
    objective,
    policy,
    estimators,
    batch,
    ...(typeof guide === "string" ? { guide } : {}),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as InferOptions;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isParams = (value: unknown): value is Readonly<Record<string, Nested>> =>
  isRecord(value) && Object.values(value).every(isNested);

const isNested = (value: unknown): value is Nested =>
  typeof value === "number" || (Array.isArray(value) && value.every(isNested));
