// The bundle for pages in headless Chromium: the same bits as in Node, and the page of the example. Needs Chromium; without it the tests are shown as
// skipped.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { bitsCases, fingerprint, fitOf, type Numbers } from "./support/bits.ts";
import { fitExample, flat } from "./support/examples.ts";
import { findChromium, postedBy } from "./support/chromium.ts";

const SECONDS = 1000;
const chromium = findChromium();

const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts;

describe("the build", () => {
  beforeAll(() => expect(spawnSync("npm", ["run", "build:web"], { shell: true }).status).toBe(0), 60 * SECONDS);

  test("is one file, and exports what a page needs", async () => {
    const path = "dist/web/variate.js";
    expect(ts.preProcessFile(readFileSync(path, "utf8")).importedFiles).toEqual([]);
    const exported = Object.keys((await import(resolve(path))) as object);
    expect(exported).toEqual(
      expect.arrayContaining(["parse", "check", "explain", "infer", "renderText", "VariateError"]),
    );
  });

  test("stops at a module of Node", () => {
    const folder = mkdtempSync(join(tmpdir(), "variate-web-"));
    const entry = join(folder, "entry.ts");
    writeFileSync(entry, `import { readFileSync } from "node:fs";\nexport const text = readFileSync("x", "utf8");\n`);
    const command = scripts["build:web"]!.split(" && ")[0]!;
    const own = command.replace("variate=src/index.ts", `"${entry}"`).replace("dist/web", `"${folder}/out"`);
    const { status, stderr } = spawnSync(`npx ${own}`, { shell: true, encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect(status).not.toBe(0);
    expect(stderr).toContain(`Could not resolve "node:fs"`);
  });

  const inBrowser = describe.skipIf(chromium === null);
  inBrowser(chromium === null ? "skipped: no Chromium on this machine" : "in Chromium", () => {
    test(
      "fits have the bits that they have in Node",
      async () => {
        const script = `
          import { infer } from "/dist/web/variate.js";
          const cases = ${JSON.stringify(bitsCases)};
          const plain = (group) => Object.fromEntries(
            Object.entries(group).map(([name, { values }]) => [name, { values: Array.from(values) }]));
          const answers = [];
          for (const { name, text, data, options } of cases) {
            const fit = await infer({ path: name + ".ppl", text }, data, { draws: 200, ...options })
              .catch((error) => ({ failed: String(error.stack) }));
            answers.push("failed" in fit ? fit : { elbo: fit.elbo, khat: fit.khat, logp: Array.from(fit.logp),
              logq: Array.from(fit.logq), draws: plain(fit.draws), predictive: plain(fit.predictive) });
          }
          await fetch("/result", { method: "POST", body: JSON.stringify(answers) });`;
        const answers = (await postedBy(chromium!, script, 200 * SECONDS)) as (Numbers | { failed: string })[];
        const inNode = [];
        for (const one of bitsCases) inNode.push([one.name, fingerprint(await fitOf(one))]);
        const inPage = answers.map((given, i) => [
          bitsCases[i]!.name,
          "failed" in given ? given.failed : fingerprint(given),
        ]);
        expect(inPage).toEqual(inNode);
      },
      400 * SECONDS,
    );

    test(
      "the page fits eight schools in its worker, shows what is wrong with a model, and cancels",
      async () => {
        const script = `
          const frame = document.body.appendChild(document.createElement("iframe"));
          const until = async (holds) => {
            while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
          };
          frame.src = "/examples/web/";
          await until(() => frame.contentDocument?.getElementById("fit")?.disabled === false);
          const element = (id) => frame.contentDocument.getElementById(id);
          const progress = new Set();
          const idle = () => {
            progress.add(element("status").value);
            return !element("fit").disabled;
          };
          const shown = () => ({ status: element("status").value, messages: element("messages").textContent,
            hidden: element("summary").hidden,
            rows: [...element("summary").tBodies[0].rows].map((row) => [...row.cells].map((c) => c.textContent)) });
          element("fit").click();
          await until(idle);
          const fitted = shown();
          element("fit").click();
          element("cancel").click();
          const cancelled = shown();
          element("model").value = "model { sample mu ~ Norml(0, 1) }";
          element("fit").click();
          await until(idle);
          const refused = shown();
          element("data").value = "[";
          element("fit").click();
          const unread = shown();
          await fetch("/result", { method: "POST",
            body: JSON.stringify({ fitted, cancelled, refused, unread, progress: [...progress] }) });`;
        type Shown = { status: string; messages: string; hidden: boolean; rows: string[][] };
        type Posted = Record<"fitted" | "cancelled" | "refused" | "unread", Shown> & { progress: string[] };
        const posted = (await postedBy(chromium!, script, 100 * SECONDS)) as Posted;
        const fit = await fitExample("eight-schools", { seed: 1 });
        const { theta } = fit.reports;
        expect(posted.fitted.rows).toContainEqual([
          "theta[7]",
          ...[theta!.mean, theta!.sd, theta!.q05, theta!.q95].map((value) => flat(value)[7]!.toPrecision(4)),
        ]);
        expect(posted.fitted.rows).toHaveLength(1 + 1 + 8 + 8);
        expect(posted.fitted.messages).toContain(fit.verdict);
        expect(posted.fitted.status).toContain(`ELBO ${fit.elbo.mean.toFixed(2)}, k-hat ${fit.khat.toFixed(2)}`);
        expect(posted.progress.some((line) => /\d+ gradients, ELBO -\d+\.\d\d$/.test(line))).toBe(true);
        expect(posted.cancelled).toMatchObject({ status: "Cancelled.", hidden: true });
        expect(posted.refused.messages).toContain("Normal");
        expect(posted.refused.hidden).toBe(true);
        expect(posted.unread.status).toMatch(/^The data are not JSON/);
      },
      200 * SECONDS,
    );
  });
});
