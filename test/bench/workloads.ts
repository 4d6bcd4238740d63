// The table of workloads: a model, its data, the guide, and the draws of one stochastic step (noise, gradient, optimiser).

import { readFileSync } from "node:fs";
import type { RawData } from "../../src/result.ts";
import { autoregression, chain, points, replicated, topics, wells } from "./simulate.ts";

/** Which model; peers name theirs alike. */
export type Kind =
  "eight-schools" | "logistic" | "radon" | "autoregression" | "hidden-markov" | "topics" | "gaussian-mixture";

export type Workload = {
  readonly name: string;
  readonly title: string;
  readonly kind: Kind;
  /** `written`: the guide stands in the model. */
  readonly guide: "meanfield" | "fullrank" | "written";
  readonly draws: number;
  readonly data: () => RawData;
};

const models: Readonly<Record<Kind, string>> = {
  "eight-schools": "examples/eight-schools/model.ppl",
  logistic: "test/bench/models/logistic.ppl",
  radon: "examples/radon/model.ppl",
  autoregression: "test/models/posteriordb/arK-arK.ppl",
  "hidden-markov": "test/bench/models/hidden-markov.ppl",
  topics: "test/bench/models/topics.ppl",
  "gaussian-mixture": "test/bench/models/gaussian-mixture.ppl",
};

export const modelOf = ({ kind }: Workload): { readonly path: string; readonly text: string } => ({
  path: models[kind],
  text: readFileSync(models[kind], "utf8"),
});

const example = (name: string): RawData => JSON.parse(readFileSync(`examples/${name}/data.json`, "utf8")) as RawData;

const schools = (copies: number) => (): RawData => {
  const { y, sigma } = example("eight-schools") as Record<string, number[]>;
  return { J: 8 * copies, y: replicated(y!, copies), sigma: replicated(sigma!, copies) };
};

const wellsTimes = (copies: number) => (): RawData => wells(example("wells"), copies);

type Rest = Pick<Workload, "guide" | "draws" | "data">;
const meanfield = (draws: number, data: () => RawData): Rest => ({ guide: "meanfield", draws, data });
const fullrank = (draws: number, data: () => RawData): Rest => ({ guide: "fullrank", draws, data });

const row = (name: string, title: string, kind: Kind, rest: Rest): Workload => ({ name, title, kind, ...rest });

export const workloads: readonly Workload[] = [
  row("W1-1", "eight schools, 1 draw", "eight-schools", meanfield(1, schools(1))),
  row("W1-100", "eight schools, 100 draws", "eight-schools", meanfield(100, schools(1))),
  row("W2-mf-1", "wells, mean-field, 1 draw", "logistic", meanfield(1, wellsTimes(1))),
  row("W2-mf-10", "wells, mean-field, 10 draws", "logistic", meanfield(10, wellsTimes(1))),
  row("W2-fr-1", "wells, full rank, 1 draw", "logistic", fullrank(1, wellsTimes(1))),
  row("W2-fr-10", "wells, full rank, 10 draws", "logistic", fullrank(10, wellsTimes(1))),
  row(
    "W3",
    "radon, 85 counties",
    "radon",
    meanfield(1, () => example("radon")),
  ),
  row("W6-ar", "AR(5), 200 steps", "autoregression", meanfield(1, autoregression)),
  row("W6-hmm", "hidden Markov model, 4 states, 500 steps", "hidden-markov", meanfield(1, chain)),
  row("W7", "LDA, 200 documents, 500 words, 10 topics", "topics", { guide: "written", draws: 1, data: topics }),
  row("W8", "Gaussian mixture, 8 × 2,000", "gaussian-mixture", meanfield(1, points)),
];

const grown: readonly Workload[] = [
  row("W1-10", "eight schools, 10 draws", "eight-schools", meanfield(10, schools(1))),
  row("W1-sites-10", "80 schools, 1 draw", "eight-schools", meanfield(1, schools(10))),
  row("W2-data-10", "wells, 30,200 rows", "logistic", meanfield(1, wellsTimes(10))),
  row("W2-data-100", "wells, 302,000 rows", "logistic", meanfield(1, wellsTimes(100))),
];

/** What grows by 10 and 100, as names of workloads. */
export const growth: readonly { readonly what: string; readonly steps: readonly string[] }[] = [
  { what: "data (wells)", steps: ["W2-mf-1", "W2-data-10", "W2-data-100"] },
  { what: "draws (eight schools)", steps: ["W1-1", "W1-10", "W1-100"] },
  { what: "sites (eight schools)", steps: ["W1-1", "W1-sites-10"] },
];

export const everyWorkload: readonly Workload[] = [...workloads, ...grown];
export const isGrown = (workload: Workload): boolean => grown.includes(workload);
