// The `predict` blocks of a fitted model, on draws that were kept and on data that came later.

import { diagnose, VariateError, type Diagnostic } from "./base/diagnostic.ts";
import type { Source } from "./base/span.ts";
import { summaryOf } from "./after-fit.ts";
import { dataEvaluator } from "./build/evaluate-data.ts";
import { boundTo, checkedModel, engineFor, type CompileOptions } from "./compile.ts";
import { bindPredicts } from "./model/bind.ts";
import { declaredKeys } from "./model/bind-keys.ts";
import { labelsOf } from "./model/labels.ts";
import type { Predict } from "./model/model.ts";
import type { DataOrigin, Draws, Labels, RawData, Summary } from "./result.ts";
import { predictive, type Given } from "./run/predictive.ts";

/** What is kept of a fit: the data it was made of, draws of its sites, values of its params, its seed. */
export type Kept = { readonly data: RawData; readonly dataFile: string; readonly given: Given; readonly seed: number };

/** Further data and where it comes from. */
export type NewData = {
  readonly data: RawData;
  readonly file: string;
  readonly origins?: Readonly<Record<string, DataOrigin>>;
};

export type Predicted = {
  readonly model: string;
  readonly draws: number;
  readonly predicted: Readonly<Record<string, Summary>>;
  readonly predictions: Readonly<Record<string, Draws>>;
  readonly labels: Readonly<Record<string, Labels>>;
  readonly report: readonly Diagnostic[];
};

/** Runs every `predict` block whose data is in `fresh` (or in that of the fit). Throws `VariateError`: also where no
 *  block can run. */
export function predict(
  source: Source,
  kept: Kept,
  fresh: NewData,
  options: Pick<CompileOptions, "seed" | "engine"> = {},
): Predicted {
  const { model } = checkedModel(source);
  if (model.predict.length === 0) throw new VariateError([refused("the model has no `predict` block")]);
  const own = boundTo({ ...model, predict: [] }, kept.data, { dataFile: kept.dataFile }, []);
  const { bound, report } = bindPredicts(own, model.predict, merged(model.predict, kept.data, fresh.data), {
    file: fresh.file,
    origins: fresh.origins ?? {},
    evaluate: dataEvaluator(model.base),
  });
  if (bound === null) throw new VariateError(report);
  if (bound.model.predict.length === 0) throw new VariateError([...report, refused("no `predict` block has its data")]);
  const { predictions } = predictive(
    bound,
    engineFor(options, report).engine,
    options.seed ?? kept.seed,
    kept.given,
    "predict",
    report,
  );
  if (report.some((d) => d.severity === "error")) throw new VariateError(report);
  const predicted = Object.fromEntries(Object.entries(predictions).map(([name, draws]) => [name, summaryOf(draws)]));
  return { model: source.path, draws: kept.given.n, predicted, predictions, labels: labelsOf(bound), report };
}

/** What was kept, with what is new; of a block that gets new data, sizes are new too. */
function merged(blocks: readonly Predict[], kept: RawData, fresh: RawData): RawData {
  const stale = blocks
    .filter((block) => [...declaredKeys([block])].some((key) => Object.hasOwn(fresh, key)))
    .flatMap(({ dims }) => dims.map(({ name, from }) => from ?? name));
  return { ...Object.fromEntries(Object.entries(kept).filter(([key]) => !stale.includes(key))), ...fresh };
}

const refused = (reason: string): Diagnostic =>
  diagnose(
    "PPL511",
    { kind: "run" },
    { option: "a prediction", reason },
    { hint: "give the keys of its data block: --data NEW" },
  );
