// What a run of the bench leaves: numbers by section and name, kept as JSON, from which all tables are written.

import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Of one system on one workload. */
export type Steps =
  | { readonly unable: string }
  | {
      /** Per step, one number per round. */
      readonly microseconds: readonly number[];
      /** Seconds to load the system, and from the model to the end of the first step. */
      readonly load: number;
      readonly compile: number;
      /** After the steps of all rounds; null where the system cannot say. */
      readonly elbo: number | "not finite" | null;
      readonly megabytes: number | null;
    };

/** A process from its start to a posterior. */
export type Cold =
  { readonly unable: string } | { readonly seconds: readonly number[]; readonly megabytes: number | null };

/** Fits of one posterior with one guide: seconds until the ELBO is near the optimum (null: never), and the distance at the end. */
export type Fitted = {
  readonly optimum: number;
  readonly systems: Readonly<
    Record<string, { readonly seconds: readonly (number | null)[]; readonly gaps: readonly (number | null)[] }>
  >;
};

/** When and how a row was measured: rows of one file may come from several runs of the bench. */
export type Run = {
  readonly date: string;
  readonly settings: string;
  /** The larger of the load averages before and after, the bench's own process included. */
  readonly busy: number;
};

export type Section<Row> = Readonly<Record<string, Row>>;
/** The sections that have rows of numbers. */
export type Measured = "steps" | "cold" | "fitted";
export type Results = {
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly runs: Readonly<Record<Measured, Section<Run>>>;
  readonly steps: Section<Section<Steps>>;
  readonly cold: Section<Section<Cold>>;
  readonly fitted: Section<Fitted>;
};

export const load = (file: string): Results | null =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : null;

/** Seven digits: an ELBO near 10^5 has hundredths. */
export const save = (file: string, results: Results): void =>
  writeFileSync(
    file,
    `${JSON.stringify(results, (_, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(7)) : value), 1)}\n`,
  );
