// Models of posteriordb under test/models/posteriordb: their data and reference moments, where the data folder lies beside the checkout.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Fit, Nested, RawData } from "../../src/result.ts";

const DATA = "../shared/data";
const MODELS = "test/models/posteriordb";

/** Whether the data is there at all; tests that need it say so when it is not. */
export const hasData = existsSync(`${DATA}/posteriordb/reference.json`);

export type Moments = Readonly<Record<string, readonly [mean: number, sd: number, ...quantiles: number[]]>>;

export type Posterior = {
  readonly name: string;
  readonly text: string;
  readonly data: RawData;
  readonly reference: Moments | null;
};

const json = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

/** `DATA-MODEL.ppl` is fitted to `DATA.json`. */
export function posteriors(): readonly Posterior[] {
  const references = (json(`${DATA}/posteriordb/reference.json`) as { posteriors: Record<string, { params: Moments }> })
    .posteriors;
  return readdirSync(MODELS)
    .filter((file) => file.endsWith(".ppl"))
    .sort()
    .map((file) => {
      const name = file.replace(/\.ppl$/, "");
      return {
        name,
        text: readFileSync(`${MODELS}/${file}`, "utf8"),
        reference: references[name]?.params ?? null,
        data: json(`${DATA}/posteriordb/data/${name.split("-")[0]}.json`) as RawData,
      };
    });
}

export type Optimum = { readonly mf: { readonly elbo: number }; readonly fr: { readonly elbo: number } };

/** Best ELBO of both Gaussian families, by name of the model here (one oracle is of a model with other priors than posteriordb's). */
export function optima(): Readonly<Record<string, Optimum>> {
  const { continuous } = json(`${DATA}/oracles.json`) as { continuous: Record<string, Optimum> };
  return Object.fromEntries(
    Object.entries(continuous)
      .filter(([, optimum]) => "mf" in optimum)
      .map(([name, optimum]) => [name.replace(/_model \(flat priors\)$/, "_flat"), optimum]),
  );
}

/** Mean and sd by quadrature of mu and log tau of eight schools. */
export function exactMoments(): Readonly<Record<string, readonly [mean: number, sd: number]>> {
  const { continuous } = json(`${DATA}/oracles.json`) as {
    continuous: { eight_schools_exact_moments: Record<string, readonly [number, number]> };
  };
  const { mu, "log tau": logTau } = continuous.eight_schools_exact_moments;
  return { mu: mu!, "log tau": logTau! };
}

/** The largest distance of a posterior mean from the reference, in posterior sds, with how many numbers were compared. Names are 1-based. */
export function worstMean(
  fit: Fit,
  reference: Moments,
): { readonly name: string; readonly error: number; readonly compared: number } {
  const found = [...Object.entries(fit.sites), ...Object.entries(fit.reports)].flatMap(([name, { mean }]) =>
    entries(name, mean, ""),
  );
  const errors = found.flatMap(([name, value]) => {
    const moments = reference[name];
    return moments === undefined ? [] : [{ name, error: Math.abs(value - moments[0]) / moments[1] }];
  });
  const worst = errors.reduce((a, b) => (b.error > a.error ? b : a), { name: "", error: 0 });
  return { ...worst, compared: errors.length };
}

function entries(name: string, value: Nested, index: string): readonly (readonly [string, number])[] {
  if (typeof value === "number") return [[index === "" ? name : `${name}[${index}]`, value]];
  return value.flatMap((part, i) => entries(name, part, index === "" ? `${i + 1}` : `${index},${i + 1}`));
}
