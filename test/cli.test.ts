// The command line: every refusal is one precise diagnostic and exit code 1, JSON output is one document, files are
// whole or not there.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { buildSync, transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fitJson } from "../src/output/fit-json.ts";
import { npy } from "../src/output/npy.ts";
import type { Io } from "../src/cli/io.ts";
import { readJson } from "../src/cli/json-text.ts";
import { printFit } from "../src/cli/print-fit.ts";
import { run } from "../src/cli/program.ts";
import { codeFile } from "../src/cli/script.ts";
import { viewOf } from "../src/cli/view.ts";
import type { Fit, Nested, Summary } from "../src/result.ts";
import { FIT_KEYS } from "./support/fit-document.ts";

const folder = mkdtempSync(join(tmpdir(), "variate-cli-"));
/** Inside the package, so that the bundle finds its files as an installed one does. */
const bundle = "node_modules/.cache/variate-cli-test";

const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts;

/** A step of the build, into the folder of this test. */
function build(command: string): void {
  const { status, stderr } = spawnSync(command.replaceAll(/\bdist\b/g, bundle), {
    shell: true,
    encoding: "utf8",
    env: { ...process.env, PATH: `${resolve("node_modules/.bin")}${delimiter}${process.env["PATH"]}` },
  });
  if (status !== 0) throw new Error(stderr);
}

beforeAll(() => {
  build(scripts["build:cli"]!.split(" && ")[0]!);
  build(scripts["precompile"]!);
  build("esbuild src/cli/script.ts --bundle --format=cjs --platform=node --outfile=dist/script.cjs");
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(bundle, { recursive: true, force: true });
});

// ---------------------------------------------------------------------------------------- two ways to run

type Ran = { readonly exit: number | null; readonly out: string; readonly err: string };

/** The built program in its own process. */
function spawn(args: readonly string[], input = ""): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(bundle, "cli.cjs"), ...args], {
    input,
    encoding: "utf8",
  });
  return { exit: status, out: stdout, err: stderr };
}

function ioOf(text: { out: string; err: string }, input: string): Io {
  return {
    out: (part) => void (text.out += part),
    err: (part) => void (text.err += part),
    stdin: async () => new TextEncoder().encode(input),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
  };
}

/** The same in this process: quicker, for the many small cases. */
async function call(args: readonly string[], input = "", terminal: Partial<Io> = {}): Promise<Ran> {
  const text = { out: "", err: "" };
  return { exit: await run(args, { ...ioOf(text, input), ...terminal }), ...text };
}

let count = 0;
function file(name: string, text: string): string {
  const place = join(folder, String(count++));
  mkdirSync(place);
  writeFileSync(join(place, name), text);
  return join(place, name);
}

const SCHOOLS = `data { dim J; y: real[J]; s: real[J] > 0 from "sigma" }

model {
  sample mu ~ Normal(0, 5)
  sample tau ~ HalfCauchy(5)
  plate j in J {
    sample theta[j] ~ Normal(mu, tau)
    observe y[j] ~ Normal(theta[j], s[j])
  }
}
`;
const SCHOOLS_DATA = JSON.stringify({ y: [28, 8, -3, 7, -1, 1, 18, 12], sigma: [15, 10, 16, 11, 9, 11, 10, 18] });

/** One observed mean: fits in a moment. */
const MEAN = `data { dim N; y: real[N] }
model {
  sample mu ~ Normal(0, 10)
  plate i in N { observe y[i] ~ Normal(mu, 1) }
}
`;
const MEAN_DATA = JSON.stringify({ y: [1, 2, 3] });

// ---------------------------------------------------------------------------------------- refusals

type Refusal = {
  readonly what: string;
  readonly code: string;
  readonly model?: string;
  readonly data?: string;
  readonly options?: readonly string[];
  readonly says: RegExp;
};

const swap = (from: string, to: string): string => {
  if (!SCHOOLS.includes(from)) throw new Error(`no ${from} in the model`);
  return SCHOOLS.replace(from, to);
};
const data = (change: object): string => JSON.stringify({ ...(JSON.parse(SCHOOLS_DATA) as object), ...change });

const refusals: readonly Refusal[] = [
  { what: "an unknown name", code: "PPL201", model: swap("Normal(mu, tau)", "Normal(nu, tau)"), says: /`nu`/ },
  { what: "an unknown distribution", code: "PPL202", model: swap("Normal(0, 5)", "Norml(0, 5)"), says: /Norml/ },
  {
    what: "a wrong dimension",
    code: "PPL302",
    model: swap("dim J;", "dim J, K;").replace("s: real[J]", "s: real[K]"),
    says: /K/,
  },
  {
    what: "a wrong type in the data",
    code: "PPL608",
    data: data({ y: [28, "8", -3, 7, -1, 1, 18, 12] }),
    says: /y\[1\] is "8"/,
  },
  { what: "a missing key", code: "PPL601", data: JSON.stringify({ y: [1, 2] }), says: /no key "sigma"/ },
  {
    what: "sizes that disagree",
    code: "PPL602",
    data: data({ sigma: [15, 10] }),
    says: /J is 8 in "y", but 2 in "sigma"/,
  },
  {
    what: "a value out of its bounds",
    code: "PPL609",
    data: data({ sigma: [15, 10, 16, -11, 9, 11, 10, 18] }),
    says: /s\[3\] is -11, but must be > 0/,
  },
  { what: "null", code: "PPL604", data: data({ y: [28, null, -3, 7, -1, 1, 18, 12] }), says: /y\[1\] is null/ },
  { what: "NaN", code: "PPL604", data: SCHOOLS_DATA.replace("28", "NaN"), says: /y\[0\] is NaN/ },
  {
    what: "a truncated data file",
    code: "PPL612",
    data: SCHOOLS_DATA.slice(0, 40),
    says: /not JSON: line 1, column 41: the file ends/,
  },
  { what: "a truncated model file", code: "PPL102", model: SCHOOLS.slice(0, -3), says: /./ },
  {
    what: "no sites",
    code: "PPL427",
    model: "data { dim N; y: real[N] }\nmodel { plate i in N { observe y[i] ~ Normal(0, 1) } }",
    data: MEAN_DATA,
    says: /./,
  },
  {
    what: "a duplicate site",
    code: "PPL203",
    model: swap("sample tau", "sample mu ~ Normal(0, 1)\n  sample tau"),
    says: /`mu`/,
  },
  { what: "a negative scale", code: "PPL310", model: swap("Normal(0, 5)", "Normal(0, -5)"), says: /./ },
  {
    what: "an estimator that the site does not admit",
    code: "PPL508",
    options: ["--estimator", "mu=enumerate"],
    says: /./,
  },
  { what: "a batch of an unknown plate", code: "PPL511", options: ["--batch", "N=2"], says: /N/ },
];

type Document = {
  readonly diagnostics: readonly { readonly code: string; readonly severity: string; readonly message: string }[];
};

describe("refusals", () => {
  test.each(refusals)(
    "$what: $code",
    async ({ code, model = SCHOOLS, data: text = SCHOOLS_DATA, options = [], says }) => {
      const args = ["infer", file("m.ppl", model), "--data", file("d.json", text), ...options];
      const { exit, out, err } = await call([...args, "--json"]);
      expect(exit).toBe(1);
      const errors = (JSON.parse(out) as Document).diagnostics.filter((d) => d.severity === "error");
      expect(errors.map((d) => d.code)).toEqual([code]);
      expect(errors[0]!.message).toMatch(says);
      expect(err).toContain(`error[${code}]`);
      const plain = await call(args);
      expect([plain.exit, plain.out]).toEqual([1, ""]);
      expect(plain.err).toBe(err);
    },
  );

  test.each([
    ["an absent model", () => ["check", join(folder, "absent.ppl")]],
    ["a model folder without a model", () => ["check", folder]],
    ["absent data", () => ["infer", file("m.ppl", MEAN), "--data", join(folder, "absent.json")]],
    ["data that is not an object", () => ["infer", file("m.ppl", MEAN), "--data", file("d.json", "[1]")]],
    ["a table without a header", () => ["infer", file("m.ppl", MEAN), "--data", file("d.csv", "1\n2\n")]],
    ["an array without a key", () => ["infer", file("m.ppl", MEAN), "--data", npyFile([1, 2])]],
    ["a binary file", () => ["check", file("m.ppl", "\u0000") && binary()]],
  ])("PPL612: %s", async (_, args) => {
    const { exit, out } = await call([...args(), "--json"]);
    expect(exit).toBe(1);
    expect((JSON.parse(out) as Document).diagnostics.map((d) => d.code)).toEqual(["PPL612"]);
  });

  test("an absent file whose name is a slip away from one that exists", async () => {
    const { err } = await call(["check", file("schools.ppl", SCHOOLS).replace("schools", "schols")]);
    expect(err).toContain("did you mean `schools.ppl`?");
  });

  test("no data at all names the keys that are missing", async () => {
    const { exit, err } = await call(["infer", file("m.ppl", SCHOOLS)]);
    expect(exit).toBe(1);
    expect(err.match(/PPL601/g)).toHaveLength(1);
    expect(err).toContain('the model needs data: "y"');
    expect(err).toContain("--data FILE");
  });
});

function npyFile(values: readonly number[]): string {
  const path = join(folder, "array.npy");
  writeFileSync(path, npy({ shape: [values.length], values: Float64Array.from(values) }));
  return path;
}

function binary(): string {
  const path = join(folder, "binary.ppl");
  writeFileSync(path, Buffer.of(0xff, 0xfe, 0x00));
  return path;
}

describe("the command line itself", () => {
  test.each([
    ["an unknown option", ["infer", "m.ppl", "--sede", "1"], /unknown option '--sede'/, /Did you mean --seed\?/],
    ["an unknown command", ["chek", "m.ppl"], /unknown command 'chek'/, /Did you mean check\?/],
    ["a missing argument", ["check"], /missing required argument 'model'/, null],
    [
      "a word that no option takes",
      ["infer", "m.ppl", "--guide", "fulrank"],
      /--guide fulrank: it is none of meanfield, fullrank, lowrank/,
      /did you mean fullrank\?/,
    ],
    ["a word cut short", ["infer", "m.ppl", "--guide", "full"], /--guide full/, /did you mean fullrank\?/],
    ["a number that is none", ["infer", "m.ppl", "--seed", "x"], /whole number from 0/, null],
    ["no threads", ["infer", "m.ppl", "--threads", "0"], /whole number from 1, or auto/, null],
    ["a pair that is none", ["infer", "m.ppl", "--batch", "N"], /NAME=VALUE/, null],
    ["a pair twice", ["infer", "m.ppl", "--batch", "N=2", "--batch", "N=3"], /names N twice/, null],
    ["an unknown code", ["explain", "PPL699"], /no error PPL699/, null],
    ["model and data from one stream", ["infer", "-", "--data", "-"], /only one file/, null],
  ])("%s", async (_, args, says, hint) => {
    const { exit, out, err } = await call([...args, "--json"]);
    expect(exit).toBe(1);
    const { diagnostics } = JSON.parse(out) as { diagnostics: { code: string; message: string; hint?: string }[] };
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]!.message).toMatch(says);
    if (hint !== null) expect(diagnostics[0]!.hint).toMatch(hint);
    expect(err).toMatch(says);
  });

  test.each([["--engine", "tensorflow"], ["--resume"]])("%s %s is not built yet", async (...option) => {
    const { exit, err } = await call(["infer", "m.ppl", ...option]);
    expect(exit).toBe(1);
    expect(err).toContain("not built yet");
  });

  test("--help and --version are results", async () => {
    const help = await call(["infer", "--help"]);
    expect([help.exit, help.err]).toEqual([0, ""]);
    expect(help.out).toContain("--estimator <site=name>");
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await call(["--version"])).toEqual({ exit: 0, out: `${version}\n`, err: "" });
  });

  test("no command shows the help and is an error", async () => {
    const { exit, out, err } = await call([]);
    expect([exit, out]).toEqual([1, ""]);
    expect(err).toContain("Usage: variate");
  });
});

// ---------------------------------------------------------------------------------------- commands

describe("check", () => {
  test("a good model", async () => {
    const path = file("m.ppl", MEAN);
    expect(await call(["check", path])).toEqual({ exit: 0, out: `${path}: no errors\n`, err: "" });
    expect((await call(["check", path, "--quiet"])).out).toBe("");
    expect(JSON.parse((await call(["check", path, "--json"])).out)).toEqual({ diagnostics: [] });
  });

  test("with data, which is checked too", async () => {
    const path = file("m.ppl", MEAN);
    expect((await call(["check", path, "--data", file("d.json", MEAN_DATA)])).exit).toBe(0);
    expect((await call(["check", path, "--data", file("d.json", "{}")])).exit).toBe(1);
  });

  test("a folder brings its data", async () => {
    const place = file("model.ppl", MEAN).replace(/\/model\.ppl$/, "");
    writeFileSync(join(place, "data.json"), '{ "y": [1, "2"] }');
    expect((await call(["check", place])).err).toContain("PPL608");
  });

  test("the model from standard input", async () => {
    expect((await call(["check", "-"], MEAN)).exit).toBe(0);
    expect((await call(["check", "-"], "model { sample }")).err).toContain("(standard input):1:");
  });
});

describe("explain", () => {
  test("threads that are asked for", async () => {
    const path = file("m.ppl", SCHOOLS);
    expect((await call(["explain", path, "--threads", "3"])).out).toContain("large steps on 3 threads");
    expect((await call(["explain", path])).out).not.toContain("threads");
  });

  test("choices, reasons and rejected alternatives, with and without data", async () => {
    const path = file("m.ppl", SCHOOLS);
    const without = await call(["explain", path]);
    expect(without.exit).toBe(0);
    expect(without.out).toContain("none given");
    expect(without.out).toMatch(/theta +real/);
    const args = ["explain", path, "--data", file("d.json", SCHOOLS_DATA)];
    const { out } = await call(args);
    expect(out).toContain("J = 8");
    expect(out).toMatch(/^ {2}why /m);
    expect(out).toMatch(/^ {2}possible /m);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(130);
    const json = JSON.parse((await call([...args, "--json"])).out) as { choices: { site: string }[] };
    expect(json.choices.map((c) => c.site)).toEqual(["mu", "tau", "theta"]);
  });

  test("an error's page", async () => {
    const page = readFileSync("docs/errors/PPL610.md", "utf8");
    expect((await call(["explain", "ppl610"])).out).toBe(page);
    expect(JSON.parse((await call(["explain", "PPL610", "--json"])).out)).toEqual({
      code: "PPL610",
      title: "index out of range",
      page,
    });
    expect((await call(["explain", "610"])).out).toBe((await call(["explain", "PPL610"])).out);
    expect((await call(["explain", "PPL610"], "", { outIsTerminal: true })).out).not.toContain("```");
  });
});

describe("infer", () => {
  test("a fit as text", () => {
    const { exit, out, err } = spawn(["infer", file("m.ppl", MEAN), "--data", file("d.json", MEAN_DATA)]);
    expect(err).toBe("");
    expect(exit).toBe(0);
    expect(out).toMatch(/^ +mean +sd +5% +50% +95%$/m);
    expect(out).toMatch(/^mu +1\.99 +0\.5[0-9] /m);
    expect(out).toMatch(/ELBO [^]*k-hat/);
  });

  test("a fit as one JSON document, data from standard input", () => {
    const { exit, out, err } = spawn(["infer", file("m.ppl", MEAN), "--data", "-", "--json"], MEAN_DATA);
    expect(err).toBe("");
    expect(exit).toBe(0);
    const fit = JSON.parse(out) as Record<string, unknown>;
    for (const key of FIT_KEYS) expect(fit).toHaveProperty(key);
    expect(fit).not.toHaveProperty("draws");
    expect((fit["sites"] as { mu: { mean: number } }).mu.mean).toBeCloseTo((2 * 3) / 3.01, 1);
  });

  test("the same seed gives the same document", async () => {
    const args = [
      "infer",
      file("m.ppl", MEAN),
      "--data",
      file("d.json", MEAN_DATA),
      "--json",
      "--seed",
      "7",
      "--draws",
      "50",
    ];
    const strip = (out: string): object => ({ ...(JSON.parse(out) as object), seconds: 0 });
    const first = await call(args);
    expect(strip((await call(args)).out)).toEqual(strip(first.out));
    expect(strip((await call([...args.slice(0, -3), "8", "--draws", "50"])).out)).not.toEqual(strip(first.out));
  });

  test("--out writes a folder that the fit can be repeated from, and may replace it", async () => {
    const out = join(folder, "deep", "fit");
    const args = ["infer", file("m.ppl", MEAN), "--data", file("d.json", MEAN_DATA), "--out", out, "--draws", "20"];
    expect((await call(args)).exit).toBe(0);
    const names = ["data.json", "draws.csv", "fit.json", "inference-data.zarr", "model.ppl", "report.html"];
    expect(readdirSync(out).sort()).toEqual(names);
    const fit = JSON.parse(readFileSync(join(out, "fit.json"), "utf8")) as { options: object; sites: object };
    expect(fit.options).toEqual({ draws: 20 });
    const lines = (): string[] =>
      readFileSync(join(out, "draws.csv"), "utf8")
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("#"));
    expect(lines()[0]).toBe("lp_approx__,lp__,mu");
    expect(lines()).toHaveLength(21);
    const { sites } = JSON.parse((await call(["infer", out, "--draws", "20", "--json"])).out) as { sites: object };
    expect(sites).toEqual(fit.sites);
    expect((await call([...args.slice(0, -1), "30"])).exit).toBe(0);
    expect(lines()).toHaveLength(31);
    expect(readdirSync(join(folder, "deep"))).toEqual(["fit"]);
  });

  test("--out refuses a folder that holds something else, before it fits", async () => {
    const place = file("precious.txt", "keep me").replace(/\/precious\.txt$/, "");
    const { exit, err } = await call([
      "infer",
      file("m.ppl", MEAN),
      "--data",
      file("d.json", MEAN_DATA),
      "--out",
      place,
    ]);
    expect(exit).toBe(1);
    expect(err).toContain("not written by variate");
    expect(readdirSync(place)).toEqual(["precious.txt"]);
  });

  test("--out refuses a fit beside which there is something else", async () => {
    const place = file("fit.json", '{ "variate": "0" }').replace(/\/fit\.json$/, "");
    writeFileSync(join(place, "notes.txt"), "keep me");
    expect((await call(["infer", file("m.ppl", MEAN), "--data", file("d.json", MEAN_DATA), "--out", place])).exit).toBe(
      1,
    );
    expect(readdirSync(place).sort()).toEqual(["fit.json", "notes.txt"]);
  });

  test("a fit that is refused leaves nothing at --out", async () => {
    const out = join(folder, "never");
    expect((await call(["infer", file("m.ppl", MEAN), "--data", file("d.json", "{}"), "--out", out])).exit).toBe(1);
    expect(existsSync(out)).toBe(false);
  });

  test("progress is one line, on a terminal only", async () => {
    const args = [
      "infer",
      file("m.ppl", MEAN),
      "--data",
      file("d.json", MEAN_DATA),
      "--method",
      "adam",
      "--steps",
      "200",
    ];
    const shown = await call(args, "", { errIsTerminal: true });
    expect(shown.err).toMatch(/^\r\u001b\[K.*gradients/);
    expect(shown.err).not.toContain("gradients\n");
    expect((await call([...args, "--quiet"], "", { errIsTerminal: true })).err).toBe("");
    expect((await call(args)).err).not.toContain("\r");
  });
});

describe("a fit on paper", () => {
  const summary = (mean: Nested, sd: Nested): Summary => ({ mean, sd, q05: mean, q50: mean, q95: mean });
  const fit: Fit = {
    model: "m.ppl",
    seed: 0,
    engine: "reference",
    device: "cpu",
    precision: "f64",
    threads: 1,
    objective: { name: "elbo", particles: 1 },
    guide: "fullrank",
    method: "fixed",
    steps: 12,
    gradients: 345,
    converged: true,
    verdict: "converged; ELBO -1.5 ± 0.1",
    elbo: { mean: -1.5, se: 0.1 },
    khat: 0.1,
    seconds: { compile: 0.1, fit: 0.2, total: 0.3 },
    sites: {
      small: summary(0.001234, 0.000056),
      large: summary(123456.7, 2345),
      phi: summary(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [0.1, 0.2],
          [0.3, NaN],
        ],
      ),
    },
    reports: { long: summary(Array<number>(40).fill(1), Array<number>(40).fill(0.5)) },
    labels: { phi: { base: 1, names: [null, ["a,b", "c"]], dims: [null, "C"] } },
    params: { w: [0.5, 2] },
    guideParams: {},
    siteGradients: [],
    estimators: [
      {
        site: "phi",
        kind: "real",
        guide: "mean-field",
        estimator: "reinmax",
        unbiased: false,
        bias: "of second order in the step",
        cost: "",
        reason: "",
        rejected: [],
        advice: null,
      },
    ],
    warnings: [{ code: "PPL709", message: "k-hat" }],
    diagnostics: [],
    trace: [],
    draws: { phi: { shape: [2, 2], values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, Infinity) } },
    logp: Float64Array.of(-1, -2),
    logq: Float64Array.of(-3, NaN),
    predictive: {},
    predictions: {},
    predicted: {},
    data: {},
    dims: {},
    source: "",
    imports: {},
    input: {},
  };

  test("as text: digits by the sd, names of members, long arrays cut", () => {
    const { colors } = viewOf({}, ioOf({ out: "", err: "" }, ""));
    expect(printFit(fit, 80, colors)).toMatchInlineSnapshot(`
      "m.ppl: converged; ELBO -1.5 ± 0.1

                       mean        sd        5%       50%       95%
      small        0.001234  0.000056  0.001234  0.001234  0.001234
      large          123457      2345    123457    123457    123457
      phi[1, a,b]      1.00      0.10      1.00      1.00      1.00
      phi[1, c]        2.00      0.20      2.00      2.00      2.00
      phi[2, a,b]      3.00      0.30      3.00      3.00      3.00
      phi[2, c]       4.000       NaN     4.000     4.000     4.000
      long[0]          1.00      0.50      1.00      1.00      1.00
      long[1]          1.00      0.50      1.00      1.00      1.00
      long[2]          1.00      0.50      1.00      1.00      1.00
      long[3]          1.00      0.50      1.00      1.00      1.00
      long[4]          1.00      0.50      1.00      1.00      1.00
      long[5]          1.00      0.50      1.00      1.00      1.00
      long[6]          1.00      0.50      1.00      1.00      1.00
      long[7]          1.00      0.50      1.00      1.00      1.00
      long[8]          1.00      0.50      1.00      1.00      1.00
      long[9]          1.00      0.50      1.00      1.00      1.00
      long[10]         1.00      0.50      1.00      1.00      1.00
      long[…]
      param w[0]      0.500
      param w[1]       2.00

      29 more entries: --json or --out DIR has all of them

      guide fullrank, method fixed, 12 steps, engine reference (cpu, f64), seed 0,
      0.30 s

      site  guide       estimator  bias
      phi   mean-field  reinmax    of second order in the step

      1 warning: PPL709 (variate explain PPL709 says more)"
    `);
  });

  test("threads are told where large steps had more than one", () => {
    const { colors } = viewOf({}, ioOf({ out: "", err: "" }, ""));
    expect(printFit({ ...fit, threads: 2 }, 80, colors)).toContain("(cpu, f64, 2 threads)");
    expect(printFit(fit, 80, colors)).not.toContain("threads");
  });

  test("as JSON: numbers that are not finite become null, and a warning says where", () => {
    const { value, nonFinite } = fitJson(fit);
    expect(nonFinite).toEqual({
      code: "non-finite",
      message: "1 number is not finite and is written as null: sites.phi.sd",
    });
    expect(value["warnings"]).toEqual([...fit.warnings, nonFinite]);
    expect(JSON.parse(JSON.stringify(value))).toMatchObject({
      sites: {
        phi: {
          sd: [
            [0.1, 0.2],
            [0.3, null],
          ],
        },
      },
    });
    expect(fitJson({ ...fit, sites: {} }).nonFinite).toBeNull();
  });
});

describe("predict and simulate", () => {
  const MODEL = `${MEAN}predict { data { dim M; s: real[M] > 0 } plate m in M { sample y_new[m] ~ Normal(mu, s[m]) } }\n`;
  const fitted = async (): Promise<string> => {
    const out = join(folder, `fit-${count++}`);
    expect((await call(["infer", file("m.ppl", MODEL), "--data", file("d.json", MEAN_DATA), "--out", out])).exit).toBe(
      0,
    );
    return out;
  };
  type Predicted = {
    readonly predictions: Record<string, { readonly mean: readonly number[]; readonly sd: readonly number[] }>;
    readonly draws: number;
  };

  test("a block runs on new data, from the folder alone, and is repeatable", async () => {
    const fit = await fitted();
    const args = ["predict", fit, "--data", file("new.csv", "s\n0.1\n3\n")];
    const { exit, out, err } = await call([...args, "--json"]);
    expect([exit, err]).toEqual([0, ""]);
    const { predictions, draws } = JSON.parse(out) as Predicted;
    const { mean, sd } = predictions["y_new"]!;
    expect(draws).toBe(1000);
    expect(mean.map((value) => Math.abs(value - 2) < 0.5)).toEqual([true, true]); // mu is near 2, with sd 1 / sqrt(3)
    expect([sd[0]! > 0.5 && sd[0]! < 0.7, sd[1]! > 2.6 && sd[1]! < 3.5]).toEqual([true, true]);
    expect((await call([...args, "--json"])).out).toBe(out);
    expect((await call([...args, "--json", "--seed", "5"])).out).not.toBe(out);
    expect((await call(args)).out).toMatch(/^ +mean +sd +5% +50% +95%\ny_new\[0\]/);
  });

  test("--out writes summaries and draws, and spares other folders", async () => {
    const fit = await fitted();
    const out = join(folder, "predicted");
    const args = ["predict", fit, "--data", file("new.csv", "s\n0.1\n3\n"), "--quiet", "--out"];
    expect((await call([...args, out])).exit).toBe(0);
    expect(readdirSync(out).sort()).toEqual(["predictions.csv", "predictions.json"]);
    const lines = readFileSync(join(out, "predictions.csv"), "utf8").trimEnd().split("\n");
    expect([lines[0], lines.length]).toEqual(["y_new.1,y_new.2", 1001]);
    expect((await call([...args, out])).exit).toBe(0);
    expect((await call([...args, fit])).err).toContain("not written by variate");
    expect(existsSync(join(fit, "fit.json"))).toBe(true);
  });

  test.each([
    ["a folder that is no fit", () => [folder], /no folder of a fit/],
    ["no new data", (fit: string) => [fit], /PPL614[^]*PPL511.*no `predict` block has its data/],
    [
      "a violated bound",
      (fit: string) => [fit, "--data", file("new.csv", "s\n0.1\n-3\n")],
      /PPL609[^]*new\.csv: key "s", element 1 \(line 3\)/,
    ],
  ])("predict refuses %s", async (_, args, says) => {
    const { exit, out, err } = await call(["predict", ...args(await fitted())]);
    expect([exit, out]).toEqual([1, ""]);
    expect(err).toMatch(says);
  });

  test("a fit whose draws were changed is refused", async () => {
    const fit = await fitted();
    writeFileSync(join(fit, "draws.csv"), "lp_approx__,lp__,nu\n1,1,1\n");
    expect((await call(["predict", fit, "--data", file("new.csv", "s\n1\n")])).err).toContain(
      "does not hold the draws of this fit",
    );
  });

  test("simulate gives one document whose data can be fitted", async () => {
    const { exit, out } = await call([
      "simulate",
      file("m.ppl", MODEL),
      "--data",
      file("d.json", '{ "N": 4 }'),
      "--draws",
      "3",
      "--seed",
      "2",
    ]);
    expect(exit).toBe(0);
    const { data: drawn, sites } = JSON.parse(out) as { data: { y: number[][] }; sites: { mu: number[] } };
    expect([drawn.y.length, drawn.y[0]!.length, sites.mu.length]).toEqual([3, 4, 3]);
    expect(
      (await call(["infer", file("m.ppl", MEAN), "--data", file("d.json", JSON.stringify({ y: drawn.y[0] }))])).exit,
    ).toBe(0);
  });
});

describe("fmt", () => {
  const UGLY = "data{dim N;y:real[N]}\nmodel{sample mu~Normal(0,10)\nplate i in N{observe y[i]~Normal(mu,1)}}\n";

  test("formats in place and keeps the mode; --check changes nothing", async () => {
    const path = file("m.ppl", UGLY);
    chmodSync(path, 0o640);
    const checked = await call(["fmt", "--check", path]);
    expect([checked.exit, checked.out]).toEqual([1, `${path}: not formatted\n`]);
    expect(readFileSync(path, "utf8")).toBe(UGLY);
    expect((await call(["fmt", path])).exit).toBe(0);
    expect(readFileSync(path, "utf8")).not.toBe(UGLY);
    expect(await call(["fmt", "--check", path])).toEqual({ exit: 0, out: "", err: "" });
    expect(readdirSync(path.replace(/\/m\.ppl$/, ""))).toEqual(["m.ppl"]);
  });

  test("standard input goes to standard output", async () => {
    const { exit, out } = await call(["fmt", "-"], UGLY);
    expect(exit).toBe(0);
    expect(out).toContain("sample mu ~ Normal(0, 10)");
  });

  test("a file that cannot be read as a program stays as it is, the others are formatted", async () => {
    const [bad, good] = [file("bad.ppl", "model { sample }"), file("good.ppl", UGLY)];
    const { exit, out } = await call(["fmt", bad, good, "--json"]);
    expect(exit).toBe(1);
    expect(readFileSync(bad, "utf8")).toBe("model { sample }");
    const { files } = JSON.parse(out) as { files: { readable: boolean; changed: boolean }[] };
    expect(files.map((f) => [f.readable, f.changed])).toEqual([
      [false, false],
      [true, true],
    ]);
  });
});

describe("print", () => {
  test.each(["ast", "model", "choices", "graph", "grad", "program"])("--stage %s", async (stage) => {
    const args = ["print", file("m.ppl", SCHOOLS), "--data", file("d.json", SCHOOLS_DATA), "--stage", stage];
    const { exit, out } = await call(args);
    expect(exit).toBe(0);
    expect(out.length).toBeGreaterThan(100);
    expect(JSON.parse((await call([...args, "--json"])).out)).toMatchObject({ stage, text: out.trimEnd() });
  });
});

/** The sources that are evaluated when `entry` is: what it imports, unless by `import()`. */
function evaluatedWith(entry: string): ReadonlySet<string> {
  const { inputs } = buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
  }).metafile;
  const found = new Set<string>();
  const visit = (source: string): void => {
    if (found.has(source)) return;
    found.add(source);
    for (const { path, kind, external } of inputs[source]!.imports)
      if (kind !== "dynamic-import" && external !== true) visit(path);
  };
  visit(entry);
  return found;
}

describe("start-up", () => {
  test("the words of the command line load no parser; check loads neither the graph nor the fit; infer does", () => {
    const has = (entry: string, ...sources: readonly string[]): readonly boolean[] => {
      const evaluated = evaluatedWith(entry);
      return sources.map((source) => evaluated.has(source));
    };
    expect(has("src/cli/program.ts", "src/cli/options.ts", "grammar/parser.ts")).toEqual([true, false]);
    expect(has("src/cli/check.ts", "src/model/check.ts", "src/fit/fixed.ts")).toEqual([true, false]);
    expect(has("src/infer.ts", "src/model/check.ts", "src/fit/fixed.ts")).toEqual([true, true]);
  });

  const program = resolve(bundle, "cli/program.cjs");
  /** In a process of its own, which has compiled nothing before. */
  const isCompiled = (): boolean => {
    const asked = `require(${JSON.stringify(resolve(bundle, "script.cjs"))}).programScript(${JSON.stringify(program)}).isCompiled`;
    return JSON.parse(spawnSync(process.execPath, ["-p", asked], { encoding: "utf8" }).stdout) as boolean;
  };
  const fit = (): Ran => spawn(["infer", file("m.ppl", MEAN), "--data", file("d.json", MEAN_DATA)]);

  test("the program starts with the code that V8 made of it at the build", () => {
    expect(isCompiled()).toBe(true);
    expect(fit().exit).toBe(0);
  });

  test.each([
    [
      "of another version of V8",
      (code: Buffer) => Buffer.concat([code.subarray(0, 4), Buffer.alloc(4, 7), code.subarray(8)]),
    ],
    ["that is broken", () => Buffer.from("no code")],
    ["that is not there", () => null],
  ])("and does the same without: with code %s", (_, change) => {
    const before = readFileSync(codeFile(program));
    const after = change(before);
    rmSync(codeFile(program));
    try {
      if (after !== null) writeFileSync(codeFile(program), after);
      expect(isCompiled()).toBe(false);
      const { exit, out } = fit();
      expect(exit).toBe(0);
      expect(out).toContain("converged");
    } finally {
      writeFileSync(codeFile(program), before);
    }
  });

  test("all of the program but its comments is ASCII, since it is read as Latin-1", () => {
    const { code } = transformSync(readFileSync(program, "utf8"), { minifyWhitespace: true, charset: "utf8" });
    const again = transformSync(readFileSync(program, "latin1"), { minifyWhitespace: true, charset: "utf8" });
    expect(again.code === code).toBe(true);
  });
});

// ---------------------------------------------------------------------------------------- JSON

describe("JSON with its mistakes", () => {
  test.each([
    ['{ "y": [1, 2', "line 1, column 13: the file ends inside the list that begins at line 1, column 8"],
    ['{ "y": [1, 2]', "line 1, column 14: the file ends inside the object that begins at line 1, column 1"],
    ['{\n  "y": [1 2]\n}', 'line 2, column 11: expected "," or "]", found "2"'],
    ['{ "y": [1, 2,] }', 'line 1, column 14: a comma before "]"'],
    ["{ y: 1 }", 'line 1, column 3: expected a key in quotes, found "y"'],
    ['{ "y" 1 }', 'line 1, column 7: expected ":" after the key "y", found "1"'],
    ['{ "y": abc }', 'line 1, column 8: expected a value, found "abc"'],
    ['{ "y": 01 }', 'line 1, column 8: expected a value, found "01"'],
    ['{ "y": ', "line 1, column 8: the file ends where a value should be"],
    ["", "line 1, column 1: the file ends where a value should be"],
    ["{} {}", "line 1, column 4: the document ends here, but more text follows"],
    ['{ "y": "a', "line 1, column 8: a string that is not closed"],
  ])("%j", (text, why) => {
    expect(readJson(text)).toEqual({ kind: "problem", why });
  });

  test("NaN and infinities are values, as Python writes them", () => {
    expect(readJson('{ "y": [NaN, -Infinity, 1e3, "NaN", null] }')).toEqual({
      kind: "value",
      value: { y: [NaN, -Infinity, 1000, "NaN", null] },
    });
  });

  test("nesting that would overflow the stack is a problem, not a crash", () => {
    expect(readJson("[".repeat(100_000))).toMatchObject({ kind: "problem" });
  });
});
