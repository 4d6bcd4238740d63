// The measured table of variances as Markdown and as a picture, from the numbers kept in docs/variances.json.

import type { Row } from "./variance-table.ts";

export type Signal = {
  readonly estimator: string;
  readonly draws: readonly number[];
  readonly ratio: readonly number[];
};
export type Measured = {
  readonly replicates: number;
  readonly contests: readonly { readonly name: string; readonly title: string; readonly rows: readonly Row[] }[];
  readonly signals: readonly Signal[];
};

const short = (x: number): string =>
  x === 0 ? "0" : x < 0.005 ? "< 0.005" : x >= 100 ? x.toFixed(0) : x.toPrecision(2);

const errorOf = ({ unbiased, bias, variance }: Row): number => (unbiased ? 0 : bias) + variance;

/** One table per contest. */
export function tableText({ contests, signals, replicates }: Measured): string {
  const tables = contests.map(({ title, rows }) =>
    [
      `**${title[0]!.toUpperCase()}${title.slice(1)}**`,
      "",
      "| estimator | evaluations | bias² | variance | error × cost |",
      "|---|---:|---:|---:|---:|",
      ...rows.map(
        (row) =>
          `| ${row.label} | ${row.evaluations} | ${row.unbiased ? "none" : short(row.bias)} | ${short(row.variance)} | ${short(errorOf(row) * row.evaluations)} |`,
      ),
    ].join("\n"),
  );
  const draws = signals[0]!.draws;
  const ratios = [
    "**Mean over standard deviation of one gradient under `iwae`**",
    "",
    `| draws | ${draws.join(" | ")} |`,
    `|---|${draws.map(() => "---:|").join("")}`,
    ...signals.map(({ estimator, ratio }) => `| ${estimator} | ${ratio.map((r) => r.toFixed(2)).join(" | ")} |`),
  ].join("\n");
  const caption = `Squared bias and variance of one step's gradient, over the squared length of the exact one; ${replicates.toLocaleString("en")} gradients each.`;
  return [caption, ...tables, ratios].join("\n\n");
}

// ---------------------------------------------------------------------------------------- picture

const WIDTH = 720;
const LEFT = 150;
const RIGHT = 24;
const LINE = 20;
const FROM = -2;
const TO = 3;

const xOf = (value: number): number =>
  LEFT +
  ((Math.min(TO, Math.max(FROM, Math.log10(Math.max(value, 1e-9)))) - FROM) / (TO - FROM)) * (WIDTH - LEFT - RIGHT);

const text = (x: number, y: number, words: string, extra = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${extra}>${words}</text>`;

/** A bar to the variance of each estimator, a diamond at its squared bias; logarithmic. */
export function svgOf({ contests }: Measured): string {
  const parts: string[] = [];
  let y = 24;
  for (const { title, rows } of contests) {
    parts.push(text(8, y, title, ' class="title"'));
    y += 10;
    for (const row of rows) {
      const middle = y + LINE / 2;
      parts.push(text(LEFT - 8, middle + 4, row.label, ' text-anchor="end"'));
      parts.push(
        `<rect x="${LEFT}" y="${(y + 4).toFixed(1)}" width="${(xOf(row.variance) - LEFT).toFixed(1)}" height="${LINE - 8}" class="bar"/>`,
      );
      if (!row.unbiased) parts.push(diamond(xOf(row.bias), middle));
      y += LINE;
    }
    y += 28;
  }
  const ticks = Array.from({ length: TO - FROM + 1 }, (_, i) => FROM + i);
  const axis = ticks.map((tick) => {
    const x = xOf(10 ** tick);
    return `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="12" y2="${y - 20}" class="tick"/>${text(x, y - 4, String(10 ** tick), ' text-anchor="middle"')}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 24}" font-family="sans-serif" font-size="12">`,
    "<style>.bar{fill:#4878a8}.bias{fill:#d1495b}.tick{stroke:#ccc}.title{font-weight:bold}</style>",
    `<rect width="${WIDTH}" height="${y + 24}" fill="white"/>`,
    ...axis,
    ...parts,
    text(
      LEFT,
      y + 16,
      "bar: variance of one gradient; diamond: squared bias; both over the squared length of the exact gradient",
    ),
    "</svg>",
    "",
  ].join("\n");
}

const diamond = (x: number, y: number): string =>
  `<path d="M${(x - 5).toFixed(1)} ${y.toFixed(1)}l5 -5 5 5 -5 5z" class="bias"/>`;

// ---------------------------------------------------------------------------------------- the chapter

const OPEN = "<!-- measured: npm run variances -->";
const CLOSE = "<!-- /measured -->";

/** The chapter with its table replaced. */
export function withTable(chapter: string, table: string): string {
  const [from, to] = [chapter.indexOf(OPEN), chapter.indexOf(CLOSE)];
  if (from < 0 || to < from) throw new Error(`the chapter has no ${OPEN} … ${CLOSE}`);
  return `${chapter.slice(0, from + OPEN.length)}\n${table}\n${chapter.slice(to)}`;
}
