// `npm run variances`: measures the table of variances and writes docs/variances.json, the picture, and the table of the chapter. Two minutes.

import { readFileSync, writeFileSync } from "node:fs";
import { svgOf, tableText, withTable, type Measured } from "../support/variance-page.ts";
import { contests, DRAWS, measure, signalToNoise } from "../support/variance-table.ts";

const REPLICATES = 20_000;
const CHAPTER = "docs/choosing-an-estimator.md";

/** Enough digits for a table that is written again from the file. */
const rounded = (x: number): number => Number(x.toPrecision(4));

const measured: Measured = {
  replicates: REPLICATES,
  contests: contests.map((contest) => ({
    name: contest.name,
    title: contest.title,
    rows: measure(contest, REPLICATES).map((row) => ({
      ...row,
      bias: rounded(row.bias),
      variance: rounded(row.variance),
    })),
  })),
  signals: (["total", "dreg", "vimco"] as const).map((estimator) => ({
    estimator,
    draws: DRAWS,
    ratio: DRAWS.map((draws) => rounded(signalToNoise(estimator, draws, REPLICATES))),
  })),
};

writeFileSync("docs/variances.json", `${JSON.stringify(measured, null, 1)}\n`);
writeFileSync("docs/variances.svg", svgOf(measured));
writeFileSync(CHAPTER, withTable(readFileSync(CHAPTER, "utf8"), tableText(measured)));
