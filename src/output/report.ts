// A fit → one HTML page that needs nothing else: the verdict first, then what was found, how well it fits the data, and how it was computed.

import { KHAT_LIMIT } from "../fit/verdict.ts";
import type { Choice, DataResult, Fit } from "../result.ts";
import { escape, numberCell, paragraph, section, tableHtml, textCell, type Cell } from "./html.ts";
import { formatCount, formatSeconds, formatShort } from "./number.ts";
import { extent } from "./plot.ts";
import { posteriorSection } from "./report-posterior.ts";
import { predictiveSection } from "./report-predictive.ts";
import { STYLE } from "./report-style.ts";
import { tracePlot } from "./report-trace.ts";

export function reportHtml(fit: Fit, { version, created }: { readonly version: string; readonly created: string }): string {
  const title = `Fit of ${fit.model}`;
  const body = [
    header(fit),
    section("Posterior", posteriorSection("sites and reports", fit.draws, fit.labels)),
    section("Predictions", posteriorSection("predictions", fit.predictions, fit.labels)),
    section("Predictive check", predictiveSection(fit)),
    section("How the fit went", tracePlot(fit.trace, fit.elbo.mean), facts(fit)),
    section("Choices per site", choices(fit.estimators)),
    section("Data", dimsText(fit), dataTable(fit.data)),
    section("Model", `<pre>${escape(fit.source.trimEnd())}</pre>`),
    `<footer>${escape(`variate ${version}, ${created.replace("T", " ").replace(/\.\d+Z$/, " UTC")}`)}</footer>`,
  ].filter((part) => part !== "").join("\n");
  return `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n` +
    `<meta name="color-scheme" content="light dark">\n<title>${escape(title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n<main>\n${body}\n</main>\n</body>\n</html>\n`;
}

// ---------------------------------------------------------------------------------------- verdict

function header(fit: Fit): string {
  const good = fit.converged && fit.khat <= KHAT_LIMIT;
  const cards = [
    card("Converged", fit.converged ? "yes" : "no", fit.converged ? "the optimiser found the best guide of its family" : "the guide can still be improved: read the verdict", fit.converged),
    card("k-hat", Number.isFinite(fit.khat) ? fit.khat.toFixed(2) : String(fit.khat), khatMeaning(fit.khat), fit.khat <= KHAT_LIMIT),
    card("ELBO", formatShort(fit.elbo.mean), `a lower bound of the log evidence, ± ${formatShort(fit.elbo.se)}`, null),
  ];
  const warnings = fit.warnings.map(({ code, message }) => `<li><b>${escape(code)}</b> ${escape(message)}</li>`).join("\n");
  return `<header>\n<h1>${escape(fit.model)}</h1>\n${paragraph(sentence(fit.verdict), good ? "verdict good" : "verdict bad")}\n` +
    `<div class="cards">${cards.join("")}</div>\n${warnings === "" ? "" : `<ul class="warnings">${warnings}</ul>\n`}</header>`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function card(name: string, value: string, about: string, good: boolean | null): string {
  const kind = good === null ? "" : good ? " good" : " bad";
  return `<div class="card${kind}"><div class="name">${escape(name)}</div><div class="value">${escape(value)}</div><div class="about">${escape(about)}</div></div>`;
}

/** Pareto smoothed importance sampling of the guide's draws (Vehtari, Simpson, Gelman, Yao, Gabry 2024). */
function khatMeaning(khat: number): string {
  if (!(khat < 1)) return "the guide misses a part of the posterior: its means and sds cannot be trusted";
  if (khat > KHAT_LIMIT) return "the guide covers the posterior poorly: means and sds may be off";
  if (khat > 0.5) return "the guide is close to the posterior: means are good, tails less so";
  return "the guide covers the posterior well";
}

// ---------------------------------------------------------------------------------------- how

function facts(fit: Fit): string {
  const rows: readonly (readonly [string, string])[] = [
    ["guide", fit.guide], ["method", fit.method], ["objective", fit.objective.name], ["steps", formatCount(fit.steps)], ["gradients", formatCount(fit.gradients)],
    ["engine", `${fit.engine} (${fit.device}, ${fit.precision})`], ["seed", String(fit.seed)], ["draws", formatCount(fit.logp.length)],
    ["time", `${formatSeconds(fit.seconds.total)} (compile ${formatSeconds(fit.seconds.compile)}, fit ${formatSeconds(fit.seconds.fit)})`],
  ];
  return `<dl>${rows.map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`).join("")}</dl>`;
}

function choices(all: readonly Choice[]): string {
  if (all.length === 0) return "";
  return tableHtml(["site", "kind", "guide", "estimator", "bias", "why"], all.map((choice): Cell[] => [
    { html: `<code>${escape(choice.site)}</code>` }, textCell(choice.kind), textCell(choice.guide), { html: `<code>${escape(choice.estimator)}</code>` },
    textCell(choice.unbiased ? "none" : choice.bias), { html: why(choice), kind: "prose" },
  ]));
}

function why({ reason, advice, rejected }: Choice): string {
  const others = rejected.map((one) => `<li><code>${escape(one.estimator)}</code>: ${escape(one.reason)}</li>`).join("");
  return escape(reason) + (advice === null ? "" : ` <em>${escape(advice)}</em>`) +
    (others === "" ? "" : `<details><summary>${rejected.length} others</summary><ul>${others}</ul></details>`);
}

// ---------------------------------------------------------------------------------------- data

const dimsText = ({ dims }: Fit): string => {
  const sizes = Object.entries(dims).map(([dim, size]) => `${dim} = ${formatCount(size)}`);
  return sizes.length === 0 ? "" : paragraph(`Sizes: ${sizes.join(", ")}.`);
};

function dataTable(data: Fit["data"]): string {
  const rows = Object.entries(data).map(([name, array]) => dataRow(name, array));
  return rows.length === 0 ? "" : tableHtml(["name", "shape", "role", "least", "mean", "largest", "missing"], rows);
}

function dataRow(name: string, { shape, values, elem, members, observed, labels }: DataResult): Cell[] {
  const there = values.filter((value) => !Number.isNaN(value));
  const [least, largest] = extent(there);
  const show = (value: number): string => (there.length === 0 ? "" : members?.[value - labels.base] ?? (Number.isInteger(value) ? String(value) : formatShort(value)));
  const mean = there.reduce((sum, value) => sum + value, 0) / there.length;
  const sizes = shape.map((size, d) => labels.dims[d] ?? String(size)).join(", ");
  return [
    { html: `<code>${escape(name)}</code>` }, textCell(`${elem}${shape.length === 0 ? "" : `[${sizes}]`}`), textCell(observed ? "observed" : "given"),
    numberCell(there.length < 2 ? show(there[0] ?? NaN) : show(least)), numberCell(elem === "index" || there.length < 2 ? "" : show(mean)),
    numberCell(there.length < 2 ? "" : show(largest)), numberCell(formatCount(values.length - there.length)),
  ];
}
