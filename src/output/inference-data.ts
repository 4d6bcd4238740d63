// A fit as InferenceData, the schema that ArviZ reads: groups of arrays over chain, draw and the dims of the program.
// https://python.arviz.org/en/stable/schema/schema.html

import type { DataResult, Draws, Fit, Labels } from "../result.ts";
import type { File } from "./data-files.ts";
import type { Attributes, Group, Variable } from "./zarr.ts";
import { zarrStore } from "./zarr.ts";

/** Where in the folder of a fit the store lies. */
export const STORE = "inference-data.zarr";

/** `version`: that of this library; `created`: ISO 8601. */
export function inferenceData(fit: Fit, version: string, created: string): readonly File[] {
  const attributes = attributesOf(fit, version, created);
  const groups = Object.entries(groupsOf(fit)).filter(([, variables]) => Object.keys(variables).length > 0);
  const withCoordinates = groups.map(
    ([name, variables]) =>
      [name, { variables: { ...coordinatesOf(variables), ...arrays(variables) }, attributes }] as const,
  );
  return zarrStore(STORE, Object.fromEntries(withCoordinates) as Readonly<Record<string, Group>>, attributes);
}

/** A variable with the names of its members along every dim, which become coordinates. */
type Labelled = { readonly variable: Variable; readonly labels: Labels; readonly own: readonly string[] };
type Labelleds = Readonly<Record<string, Labelled>>;

const arrays = (variables: Labelleds): Record<string, Variable> =>
  Object.fromEntries(Object.entries(variables).map(([name, { variable }]) => [name, variable]));

function groupsOf(fit: Fit): Readonly<Record<string, Labelleds>> {
  const taken = new Set(
    [fit.draws, fit.predictive, fit.predictions, fit.data].flatMap(Object.keys).concat("chain", "draw"),
  );
  const drawn = (draws: Readonly<Record<string, Draws>>): Labelleds =>
    Object.fromEntries(
      Object.entries(draws).map(([name, array]) => [
        name,
        overDraws(name, array, fit.labels[name] ?? NO_LABELS, taken),
      ]),
    );
  const data = (wanted: boolean): Labelleds =>
    Object.fromEntries(
      Object.entries(fit.data)
        .filter(([, { observed }]) => observed === wanted)
        .map(([name, array]) => [name, overData(name, array, taken)]),
    );
  const perDraw = (values: Float64Array): Labelled => overDraws("", { shape: [], values }, NO_LABELS, taken);
  return {
    posterior: drawn(fit.draws),
    posterior_predictive: Object.fromEntries(
      Object.entries(drawn(fit.predictive)).map(([name, value]) => [name.replace(/_rep$/, ""), value]),
    ),
    predictions: drawn(fit.predictions),
    sample_stats: { lp: perDraw(fit.logp), lq: perDraw(fit.logq) },
    observed_data: data(true),
    constant_data: data(false),
  };
}

const NO_LABELS: Labels = { base: 0, names: [], dims: [] };

/** One chain: draws of a guide are independent. */
function overDraws(name: string, { shape, values }: Draws, labels: Labels, taken: ReadonlySet<string>): Labelled {
  const size = shape.reduce((a, b) => a * b, 1);
  const own = dimNames(name, shape, labels, taken);
  const n = size === 0 ? 0 : values.length / size;
  return {
    variable: { dims: ["chain", "draw", ...own], shape: [1, n, ...shape], values: { kind: "real", values } },
    labels,
    own,
  };
}

function overData(
  name: string,
  { shape, values, elem, members, labels }: DataResult,
  taken: ReadonlySet<string>,
): Labelled {
  const own = dimNames(name, shape, labels, taken);
  return { variable: { dims: own, shape, values: valuesOf(values, elem, members, labels.base) }, labels, own };
}

/** Members by their names; whole numbers as such where none is missing. */
function valuesOf(
  values: Float64Array,
  elem: DataResult["elem"],
  members: readonly string[] | null,
  base: number,
): Variable["values"] {
  const list = [...values];
  if (members !== null) return { kind: "text", values: list.map((value) => members[value - base] ?? "") };
  return elem === "real" || !list.every(Number.isSafeInteger)
    ? { kind: "real", values }
    : { kind: "int", values: list };
}

/** The dims of the program; positions without one, and a dim that occurs again, are named after the variable. In a
 *  program dims and values  have name spaces of their own, here they share one. */
const dimNames = (
  name: string,
  shape: readonly number[],
  { dims }: Labels,
  taken: ReadonlySet<string>,
): readonly string[] =>
  shape.map((_, d) => {
    const dim = dims[d] ?? null;
    if (dim === null || dims.indexOf(dim) < d) return `${name}_dim_${d}`;
    return taken.has(dim) ? `${dim}_dim` : dim;
  });

/** A coordinate for every dim of a group: names of members from the data, or numbers from the file's base. Draws are
 *  numbered from 0. */
function coordinatesOf(variables: Labelleds): Record<string, Variable> {
  const found: Record<string, Variable> = {};
  const put = (dim: string, values: Variable["values"], size: number): void =>
    void (found[dim] ??= { dims: [dim], shape: [size], values });
  const count = (size: number, from: number): number[] => Array.from({ length: size }, (_, i) => i + from);
  for (const { variable, labels, own } of Object.values(variables)) {
    const first = variable.dims.length - own.length;
    variable.dims.forEach((dim, d) => {
      const size = variable.shape[d]!;
      const names = d < first ? null : (labels.names[d - first] ?? null);
      put(
        dim,
        names === null
          ? { kind: "int", values: count(size, d < first ? 0 : labels.base) }
          : { kind: "text", values: names },
        size,
      );
    });
  }
  return found;
}

const attributesOf = (fit: Fit, version: string, created: string): Attributes => ({
  created_at: created,
  creation_library: "variate",
  creation_library_version: version,
  creation_library_language: "TypeScript",
  inference_library: "variate",
  inference_library_version: version,
  sampling_time: fit.seconds.fit,
  model: fit.model,
  seed: fit.seed,
  guide: fit.guide,
  method: fit.method,
  converged: fit.converged,
  elbo: finite(fit.elbo.mean),
  elbo_se: finite(fit.elbo.se),
  khat: finite(fit.khat),
});

/** JSON has no infinite numbers. */
const finite = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
