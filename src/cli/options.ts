// Options of the commands: how their words become values, and which values exist.

import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { diagnose, VariateError } from "../base/diagnostic.ts";
import { parseAmount } from "../base/bytes.ts";
import { didYouMean } from "../base/suggest.ts";
import type { EngineWish } from "../exec/choose.ts";
import { families, parseFamily, signature } from "../model/families.ts";
import type { InferOptions } from "../result.ts";
import { refuseUsage } from "./failure.ts";

/** What is designed and not built is told apart from what is unknown. */
export function notYet(what: string): never {
  throw new VariateError([diagnose("PPL901", { kind: "run" }, { what })]);
}

type Words = { readonly built: readonly string[]; readonly planned: readonly string[] };

const ENGINES: Words = { built: ["auto", "wasm", "reference"], planned: ["tensorflow"] };
const PRECISIONS: Words = { built: ["f64", "f32"], planned: [] };
const POLICIES: Words = { built: ["auto", "exact", "measured"], planned: [] };
const METHODS: Words = { built: ["auto", "fixed", "adam"], planned: [] };

export const STAGES = ["ast", "model", "choices", "graph", "grad", "program"] as const;
export type Stage = (typeof STAGES)[number];
const STAGE_WORDS: Words = { built: STAGES, planned: [] };

/** `--json` and `--quiet`, which every command takes. */
export function addViewOptions(command: Command): Command {
  return command
    .option("--json", "one JSON document on standard output, nothing else there")
    .option("--quiet", "no progress, no warnings");
}

export const addDataOption = (command: Command): Command =>
  command.option(
    "--data <file>",
    "the data (repeatable): JSON, CSV, .npz, KEY=FILE for one array (.npy, IDX); - for standard input",
    (file: string, before: readonly string[] = []) => [...before, file],
  );

export const addStageOption = (command: Command): Command =>
  command.addOption(wordOption("--stage <stage>", "which stage to print", STAGE_WORDS).makeOptionMandatory());

/** What decides how a model is compiled. */
export function addCompileOptions(command: Command): Command {
  return command
    .addOption(wordOption("--engine <name>", "what computes", ENGINES))
    .addOption(wordOption("--precision <bits>", "of the numbers", PRECISIONS))
    .addOption(memoryOption())
    .option("--objective <name>", "what is optimised: elbo (default), iwae, renyi(alpha=0.5), vargrad")
    .option("--particles <n>", "draws per step of the stochastic protocol (default 8)", countFrom(1))
    .addOption(guideOption())
    .addOption(wordOption("--policy <name>", "how estimators are chosen", POLICIES))
    .option(
      "--estimator <site=name>",
      "the estimator of a site (repeatable)",
      pairs("estimator", (text) => text),
    )
    .addOption(wordOption("--method <name>", "matched draws and L-BFGS, or stochastic steps", METHODS))
    .option("--batch <plate=n>", "members of a plate per step (repeatable)", pairs("batch", countFrom(1)));
}

/** What decides how a fit runs and what it leaves. */
export function addFitOptions(command: Command): Command {
  return command
    .addOption(seedOption("all randomness comes from it (default 0)"))
    .addOption(threadsOption())
    .option("--steps <n>", "budget of steps of the stochastic protocol", countFrom(1))
    .option("--draws <n>", "posterior draws to keep (default 1000)", countFrom(1))
    .option(
      "--out <dir>",
      "write the fit to this folder: fit.json, draws.csv, report.html, inference-data.zarr, model and data",
    )
    .addOption(new Option("--resume", "go on from a checkpoint").hideHelp().argParser(() => notYet("--resume")));
}

export type CompileFlags = {
  readonly engine?: EngineWish;
  readonly precision?: "f64" | "f32";
  readonly memory?: number;
  readonly threads?: number | "auto";
  readonly objective?: string;
  readonly particles?: number;
  readonly guide?: string;
  readonly policy?: "auto" | "exact" | "measured";
  readonly estimator?: Readonly<Record<string, string>>;
  readonly method?: "auto" | "fixed" | "adam";
  readonly batch?: Readonly<Record<string, number>>;
  readonly seed?: number;
  readonly steps?: number;
  readonly draws?: number;
};

/** The options of the library from those of the command line: only what was given. */
export function inferOptions(flags: CompileFlags): InferOptions {
  const { estimator: estimators, engine, precision, memory, objective, particles, guide, policy, method } = flags;
  const { batch, seed, steps, draws, threads } = flags;
  const choices = { engine, precision, memory, objective, guide, policy, method, estimators };
  const all = { ...choices, particles, batch, seed, steps, draws, threads };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as InferOptions;
}

export const seedOption = (about: string): Option => new Option("--seed <n>", about).argParser(countFrom(0));

function wordOption(flags: string, what: string, words: Words): Option {
  const name = flags.split(" ")[0]!;
  return new Option(flags, `${what}: ${words.built.join(", ")}`).argParser((text) => {
    if (words.built.includes(text)) return text;
    if (words.planned.includes(text.replace(/\(.*$/s, ""))) return notYet(`${name} ${text}`);
    return refuseUsage(`${name} takes ${words.built.join(", ")}, not ${text}`, didYouMean(text, words.built, ""));
  });
}

const memoryOption = (): Option =>
  new Option("--memory <limit>", "that one evaluation may take, as 512MB (default 2GB)").argParser(
    (text) => parseAmount(text) ?? refuseUsage(`--memory takes an amount, as 512MB, not ${text}`),
  );

export const threadsOption = (): Option =>
  new Option("--threads <n>", "that share large steps, or auto (default): as many as make them faster").argParser(
    (text) => (text === "auto" ? text : countFrom(1, ", or auto")(text)),
  );

/** `auto`, or a family with its arguments. */
function guideOption(): Option {
  const names = ["auto", ...families.map(signature)];
  return new Option("--guide <family>", `over the continuous sites: ${names.join(", ")}`).argParser((text) => {
    const family = text === "auto" ? null : parseFamily(text);
    if (family === null || !("problem" in family)) return text;
    const name = text.replace(/\(.*$/s, "").trim();
    const near = didYouMean(name, ["auto", ...families.map((row) => row.name)], "");
    return refuseUsage(`--guide ${text}: it ${family.problem}`, near);
  });
}

/** `other`: what else the option takes. */
export const countFrom =
  (least: number, other = "") =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It takes a whole number from ${least}${other}.`);
  };

/** Collects `NAME=VALUE`. */
const pairs =
  <Value>(option: string, parse: (text: string) => Value) =>
  (text: string, before: Readonly<Record<string, Value>> = {}): Readonly<Record<string, Value>> => {
    const at = text.indexOf("=");
    if (at < 1 || at === text.length - 1) throw new InvalidArgumentError(`It takes NAME=VALUE.`);
    const name = text.slice(0, at);
    if (Object.hasOwn(before, name)) return refuseUsage(`--${option} names ${name} twice`);
    return { ...before, [name]: parse(text.slice(at + 1)) };
  };
