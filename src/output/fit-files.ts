// A fit as the files of its folder: results for people, for programs, and what the fit can be repeated from.

import type { Fit } from "../result.ts";
import type { File } from "./data-files.ts";
import { dataFiles } from "./data-files.ts";
import { drawsCsv } from "./draws-csv.ts";
import { fitJson } from "./fit-json.ts";
import { inferenceData } from "./inference-data.ts";
import { reportHtml } from "./report.ts";

/** Who wrote the files, when (ISO 8601), and with which options. */
export type Writing = { readonly version: string; readonly created: string; readonly options: object };

/** What the model of a folder imports: texts by path, for libraries may lie anywhere. */
export const IMPORTS = "imports.json";

/** Everything that `--out` writes, as paths below the folder and their content. */
export function fitFiles(fit: Fit, { version, created, options }: Writing): readonly File[] {
  const document = { variate: version, created, ...fitJson(fit).value, dims: fit.dims, options };
  return [
    { path: "fit.json", content: `${JSON.stringify(document, null, 2)}\n` },
    { path: "draws.csv", content: drawsCsv(fit, { variate: version, created }) },
    { path: "report.html", content: reportHtml(fit, { version, created }) },
    { path: "model.ppl", content: fit.source },
    ...(Object.keys(fit.imports).length === 0
      ? []
      : [{ path: IMPORTS, content: `${JSON.stringify(fit.imports, null, 2)}\n` }]),
    ...dataFiles(fit.input),
    ...inferenceData(fit, version, created),
  ];
}
