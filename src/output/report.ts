// A fit → one HTML page that needs nothing else: the verdict first, then what was found, how well it fits the data, and
// how it was computed.

import { covers, KHAT_LIMIT } from "../fit/verdict.ts";
import type { Choice, DataResult, Fit } from "../result.ts";
import { alternatives, type Alternative } from "./alternatives.ts";
import { engineWords } from "./engine-words.ts";
import { code, element, escape, numberCell, paragraph, section, tableHtml, textCell, type Cell } from "./html.ts";
import { formatCount, formatSeconds, formatShort } from "./number.ts";
import { extent } from "./plot.ts";
import { posteriorSection } from "./report-posterior.ts";
import { predictiveSection } from "./report-predictive.ts";
import { STYLE } from "./report-style.ts";
import { tracePlot } from "./report-trace.ts";

export function reportHtml(
  fit: Fit,
  { version, created }: { readonly version: string; readonly created: string },
): string {
  const parts = [
    header(fit),
    section("Posterior", posteriorSection(fit.draws, fit.labels)),
    section("Predictions", posteriorSection(fit.predictions, fit.labels)),
    section("Predictive check", predictiveSection(fit)),
    section("How the fit went", tracePlot(fit.trace, fit.elbo.mean), facts(fit)),
    section("Choices per site", choices(fit.estimators), gradientTable(fit.siteGradients)),
    section("Data", dimsText(fit), dataTable(fit.data)),
    section("Model", element("pre", {}, escape(fit.source.trimEnd())), ...Object.entries(fit.imports).map(libraryText)),
    element("footer", {}, escape(`variate ${version}, ${created.replace("T", " ").replace(/\.\d+Z$/, " UTC")}`)),
  ];
  const main = element("main", {}, parts.filter((part) => part !== "").join("\n"));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(`Fit of ${fit.model}`)}</title>
<style>${STYLE}</style>
</head>
<body>
${main}
</body>
</html>
`;
}

// ---------------------------------------------------------------------------------------- verdict

function header(fit: Fit): string {
  const good = fit.converged && covers(fit);
  const cards = [
    card(
      "Converged",
      fit.converged ? "yes" : "no",
      fit.converged
        ? "the optimiser found the best guide of its family"
        : "the guide can still be improved: read the verdict",
      fit.converged,
    ),
    card("k-hat", Number.isFinite(fit.khat) ? fit.khat.toFixed(2) : String(fit.khat), khatMeaning(fit), covers(fit)),
    card("ELBO", formatShort(fit.elbo.mean), `a lower bound of the log evidence, ± ${formatShort(fit.elbo.se)}`, null),
  ];
  const warnings = fit.warnings.map((one) =>
    element("li", {}, element("b", {}, escape(one.code)), " ", escape(one.message)),
  );
  return element(
    "header",
    {},
    element("h1", {}, escape(fit.model)),
    paragraph(sentence(fit.verdict), good ? "verdict good" : "verdict bad"),
    element("div", { class: "cards" }, ...cards),
    warnings.length === 0 ? "" : element("ul", { class: "warnings" }, ...warnings),
  );
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function card(name: string, value: string, about: string, good: boolean | null): string {
  const kind = good === null ? "card" : good ? "card good" : "card bad";
  const part = (of: string, text: string): string => element("div", { class: of }, escape(text));
  return element("div", { class: kind }, part("name", name), part("value", value), part("about", about));
}

/** A library that the model imports. */
const libraryText = ([path, text]: readonly [path: string, text: string]): string =>
  element("h3", {}, escape(path)) + element("pre", {}, escape(text.trimEnd()));

/** Pareto smoothed importance sampling of the guide's draws (Vehtari, Simpson, Gelman, Yao, Gabry 2024). */
function khatMeaning({ khat, elbo }: Fit): string {
  if (khat > KHAT_LIMIT && covers({ khat, elbo }))
    return "the weights of the draws hardly vary: the guide is the posterior";
  if (!(khat < 1)) return "the guide misses a part of the posterior: its means and sds cannot be trusted";
  if (khat > KHAT_LIMIT) return "the guide covers the posterior poorly: means and sds may be off";
  if (khat > 0.5) return "the guide is close to the posterior: means are good, tails less so";
  return "the guide covers the posterior well";
}

// ---------------------------------------------------------------------------------------- how

function facts(fit: Fit): string {
  const { compile, fit: fitting, total } = fit.seconds;
  const rows: readonly (readonly [string, string])[] = [
    ["guide", fit.guide],
    ["method", fit.method],
    ["objective", fit.objective.name],
    ["steps", formatCount(fit.steps)],
    ["gradients", formatCount(fit.gradients)],
    ["engine", engineWords(fit)],
    ["seed", String(fit.seed)],
    ["draws", formatCount(fit.logp.length)],
    ["time", `${formatSeconds(total)} (compile ${formatSeconds(compile)}, fit ${formatSeconds(fitting)})`],
  ];
  const pairs = rows.map(([name, value]) =>
    element("div", {}, element("dt", {}, escape(name)), element("dd", {}, escape(value))),
  );
  return element("dl", {}, ...pairs);
}

function choices(all: readonly Choice[]): string {
  if (all.length === 0) return "";
  return tableHtml(
    ["site", "kind", "guide", "estimator", "bias", "why"],
    all.map((choice): Cell[] => [
      { html: code(choice.site) },
      textCell(choice.kind),
      textCell(choice.guide),
      { html: code(choice.estimator) },
      textCell(choice.unbiased ? "none" : choice.bias),
      { html: why(choice), kind: "prose" },
    ]),
  );
}

/** How noisy the gradient of each site was at the fitted guide. */
function gradientTable(sites: Fit["siteGradients"]): string {
  if (sites.length === 0) return "";
  const about =
    "Gradient of one step at the fitted guide: variance summed over the site's parameters, Gaussian locations in sds of the guide, and the " +
    "length of the bias beyond what noise explains.";
  const rows = sites.map(({ site, estimator, variance, bias, replicates }): Cell[] => [
    { html: code(site) },
    { html: code(estimator) },
    numberCell(`${formatShort(variance.value)} ± ${formatShort(variance.se)}`),
    numberCell(bias === null ? "not measured" : `${formatShort(bias.value)} ± ${formatShort(bias.se)}`),
    textCell(bias === null ? "" : bias.against),
    numberCell(formatCount(replicates)),
  ]);
  return paragraph(about) + tableHtml(["site", "estimator", "variance", "bias", "against", "estimates"], rows);
}

function why({ reason, advice, rejected }: Choice): string {
  const { possible, refused } = alternatives({ rejected });
  const items = (found: readonly Alternative[], word: string): string[] =>
    found.map((one) =>
      element("li", {}, one.estimators.map((name) => code(name)).join(", "), `: ${word}${escape(one.reason)}`),
    );
  const others = [...items(possible, ""), ...items(refused, "not possible: ")];
  const list = element(
    "details",
    {},
    element("summary", {}, `${rejected.length} others`),
    element("ul", {}, ...others),
  );
  const better = advice === null ? "" : element("em", {}, ` ${escape(advice)}`);
  return escape(reason) + better + (others.length === 0 ? "" : list);
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
  const show = (value: number): string =>
    there.length === 0
      ? ""
      : (members?.[value - labels.base] ?? (Number.isInteger(value) ? String(value) : formatShort(value)));
  const mean = there.reduce((sum, value) => sum + value, 0) / there.length;
  const sizes = shape.map((size, d) => labels.dims[d] ?? String(size)).join(", ");
  return [
    { html: code(name) },
    textCell(`${elem}${shape.length === 0 ? "" : `[${sizes}]`}`),
    textCell(observed ? "observed" : "given"),
    numberCell(there.length < 2 ? show(there[0] ?? NaN) : show(least)),
    numberCell(elem === "index" || there.length < 2 ? "" : show(mean)),
    numberCell(there.length < 2 ? "" : show(largest)),
    numberCell(formatCount(values.length - there.length)),
  ];
}
