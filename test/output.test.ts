// The files of a fit: what is written says what the fit says, and the tools that it is written for read it.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../src/cli/program.ts";
import { infer } from "../src/index.ts";
import { fewValues, kernelDensity, shareOf } from "../src/output/density.ts";
import { drawsCsv, readDraws } from "../src/output/draws-csv.ts";
import { fitFiles } from "../src/output/fit-files.ts";
import { escape } from "../src/output/html.ts";
import { extent, linear, ticks } from "../src/output/plot.ts";
import { zarrStore } from "../src/output/zarr.ts";
import type { Fit } from "../src/result.ts";
import { FIT_KEYS } from "./support/fit-document.ts";

const MODEL = `data { base 1; dim N, J, K = 2; x: real[N, 2] from ["x1", "x2"]; y: real[N]; g: index(J)[N]; hit: bool[N]; h: real[K, K] }
model {
  sample mu ~ Normal(0, 5)
  sample sigma ~ HalfNormal(5)
  plate j in J { sample b[j] ~ Normal(0, 2) }
  sample w ~ Normal(zeros(2), 2)
  param shift: real[K] = 0.5
  plate i in N {
    observe y[i] ~ Normal(mu + b[g[i]] + dot(w, x[i]), sigma)
    observe hit[i] ~ Bernoulli(logit = b[g[i]])
  }
  plate k in K, l in K { observe h[k, l] ~ Normal(shift[k], 1) }
  report N = mu + 1
  report both = [i in K, j in J: int(i) * b[j]]
}
predict { data { dim M; z: real[M] } plate m in M { sample z_new[m] ~ Normal(mu + z[m], sigma) } }
`;
const DATA = {
  x1: [0.1, 1.2, -0.4, 2, -1, 0.3],
  x2: [1, 0, 1, 0, 1, 0],
  y: [1.5, 2.5, 0.1, 4, -1, 0.7],
  g: ["no", "süd", "no", "<b>", "süd", "no"],
  hit: [true, false, true, true, false, true],
  h: [
    [1, 2],
    [3, 4],
  ],
  M: 2,
  z: [0, 10],
};

const folder = mkdtempSync(join(tmpdir(), "variate-output-"));
const out = join(folder, "fit");
let fit: Fit;

beforeAll(async () => {
  fit = await infer({ path: "models/cities.ppl", text: MODEL }, DATA, { draws: 200 });
  for (const { path, content } of fitFiles(fit, {
    version: "0.0.0",
    created: "2026-01-02T03:04:05.678Z",
    options: { draws: 200 },
  })) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), content);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const textOf = (path: string): string => readFileSync(join(out, path), "utf8");

// ---------------------------------------------------------------------------------------- JSON

test("fit.json holds what the design lists", () => {
  const document = JSON.parse(textOf("fit.json")) as Record<string, unknown>;
  expect(FIT_KEYS.filter((key) => document[key] === undefined)).toEqual([]);
  expect(document).toMatchObject({
    variate: "0.0.0",
    objective: { name: "elbo", particles: 1 },
    elbo: fit.elbo,
    khat: fit.khat,
    options: { draws: 200 },
    sites: fit.sites,
    reports: fit.reports,
    predictions: fit.predicted,
    params: fit.params,
    dims: { N: 6, J: 3, K: 2, M: 2 },
  });
  expect(
    Object.keys(document).filter((key) => ["draws", "predictive", "data", "input", "source"].includes(key)),
  ).toEqual([]);
});

test("data.json and model.ppl repeat the fit", async () => {
  expect(textOf("model.ppl")).toBe(MODEL);
  const again = await infer(
    { path: "models/cities.ppl", text: MODEL },
    JSON.parse(textOf("data.json")) as typeof DATA,
    { draws: 200 },
  );
  expect([again.draws, again.predictive, again.predictions, again.input]).toEqual([
    fit.draws,
    fit.predictive,
    fit.predictions,
    fit.input,
  ]);
});

test("what JSON holds badly is in data.npz", async () => {
  const text =
    "data { dim N; y: real[N]; lim: real } model { sample a ~ Normal(0, 1) plate i in N { observe y[i] ~ Normal(a, 1) } let l = lim }";
  const big = await infer(
    { path: "m.ppl", text },
    { y: [1, 2], lim: { shape: [], values: Float64Array.of(Infinity) } },
    { draws: 10 },
  );
  const files = fitFiles(big, { version: "0", created: "", options: {} });
  expect(files.map(({ path }) => path)).toContain("data.npz");
  expect(JSON.parse(files.find(({ path }) => path === "data.json")!.content as string)).toEqual({ N: 2, y: [1, 2] });
});

// ---------------------------------------------------------------------------------------- CSV

describe("draws.csv", () => {
  const rows = (): string[] =>
    textOf("draws.csv")
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("#"));

  test("has CmdStan's names, the first subscript running fastest", () => {
    expect(rows()[0]).toBe(
      "lp_approx__,lp__,mu,sigma,b.1,b.2,b.3,w.1,w.2,N,both.1.1,both.2.1,both.1.2,both.2.2,both.1.3,both.2.3",
    );
    expect(textOf("draws.csv")).toMatch(/^(# \w+ = .*\n)+lp_approx__/);
    const third = rows()[3]!.split(",").map(Number);
    expect(third.slice(0, 3)).toEqual([fit.logq[2], fit.logp[2], fit.draws["mu"]!.values[2]]);
    const both = fit.draws["both"]!.values.subarray(12, 18); // shape [K, J]
    expect(third.slice(10)).toEqual([0, 3, 1, 4, 2, 5].map((i) => both[i]));
  });

  test("is read back to the last bit; other columns are noticed", () => {
    const shapes = Object.fromEntries(Object.entries(fit.draws).map(([name, { shape }]) => [name, shape]));
    expect(readDraws(textOf("draws.csv"), shapes)).toEqual({ n: 200, draws: fit.draws });
    expect(readDraws(textOf("draws.csv"), { ...shapes, b: [2] })).toBeNull();
    expect(readDraws("", shapes)).toBeNull();
  });

  test("numbers that are not finite, and names with commas", () => {
    const odd = {
      ...fit,
      draws: { 'a,"b"': { shape: [3], values: Float64Array.of(NaN, Infinity, -Infinity) } },
      logp: Float64Array.of(1),
      logq: Float64Array.of(NaN),
    };
    const text = drawsCsv(odd, {})
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .join("\n");
    expect(text).toBe('lp_approx__,lp__,"a,""b"".1","a,""b"".2","a,""b"".3"\nNaN,1,NaN,Inf,-Inf\n');
    expect(readDraws(drawsCsv(odd, {}), { 'a,"b"': [3] })!.draws).toEqual(odd.draws);
  });
});

// ---------------------------------------------------------------------------------------- InferenceData

describe("inference-data.zarr", () => {
  const json = (path: string): Record<string, unknown> =>
    JSON.parse(textOf(`inference-data.zarr/${path}`)) as Record<string, unknown>;

  test("every array lies under its dims, and its chunk has its size", () => {
    const { metadata } = json(".zmetadata") as {
      metadata: Record<string, { shape?: number[]; dtype?: string; _ARRAY_DIMENSIONS?: string[] }>;
    };
    for (const [path, array] of Object.entries(metadata).filter(([path]) => path.endsWith("/.zarray"))) {
      expect(json(path)).toEqual(array);
      const name = path.replace("/.zarray", "");
      const { _ARRAY_DIMENSIONS: dims } = metadata[`${name}/.zattrs`]!;
      expect(dims).toHaveLength(array.shape!.length);
      const bytes = readFileSync(join(out, "inference-data.zarr", name, array.shape!.map(() => 0).join(".") || "0"));
      const width = array.dtype!.startsWith("<U") ? 4 * Number(array.dtype!.slice(2)) : 8;
      expect(bytes.length).toBe(array.shape!.reduce((a, b) => a * b, 1) * width);
      for (const [d, dim] of dims!.entries())
        expect(metadata[`${name.split("/")[0]}/${dim}/.zarray`]!.shape).toEqual([array.shape![d]]);
    }
  });

  test("dims are those of the program, but for the name of a value and a repeated one", () => {
    const dims = (path: string): unknown => json(`${path}/.zattrs`)["_ARRAY_DIMENSIONS"];
    expect(dims("posterior/b")).toEqual(["chain", "draw", "J"]);
    expect(dims("posterior/both")).toEqual(["chain", "draw", "K", "J"]);
    expect(dims("posterior/w")).toEqual(["chain", "draw", "w_dim_0"]);
    expect(dims("posterior_predictive/y")).toEqual(["chain", "draw", "N_dim"]); // N is a report too
    expect(dims("observed_data/h")).toEqual(["K", "h_dim_1"]);
    expect(dims("constant_data/g")).toEqual(["N_dim"]);
    expect(dims("predictions/z_new")).toEqual(["chain", "draw", "M"]);
  });

  test("a name that is no path is changed, and stays one of its own", () => {
    const variable = { dims: [], shape: [], values: { kind: "real", values: [1] } } as const;
    const files = zarrStore(
      "s",
      { g: { variables: { "a/b": variable, a_b: variable, "..": variable }, attributes: {} } },
      {},
    ).map(({ path }) => path);
    expect(files.filter((path) => path.endsWith("/0"))).toEqual(["s/g/a_b/0", "s/g/a_b_/0", "s/g/_/0"]);
  });
});

// ---------------------------------------------------------------------------------------- Python

/** A Python that has the modules: VARIATE_PYTHON, or one on the path. Null where there is none. */
function pythonWith(modules: readonly string[]): string | null {
  const works = (python: string): boolean => {
    try {
      execFileSync(python, ["-c", `import ${modules.join(", ")}`], { stdio: "ignore", timeout: 60_000 });
      return true;
    } catch {
      return false;
    }
  };
  return (
    [process.env["VARIATE_PYTHON"] ?? "", "python3", "python"].find((python) => python !== "" && works(python)) ?? null
  );
}

const python = (program: string, modules: readonly string[], skip: (why: string) => never): unknown => {
  const found =
    pythonWith(modules) ?? skip(`no Python with ${modules.join(", ")}: set VARIATE_PYTHON to one that has them`);
  return JSON.parse(
    execFileSync(found, ["-c", program, out], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 120_000,
    }),
  );
};

describe("in Python", () => {
  test("ArviZ opens the store: values, names of members, groups, a summary", ({ skip }) => {
    const result = python(
      `
import sys, json, arviz as az
path = sys.argv[1] + "/inference-data.zarr"
try:
    data = az.from_zarr(path)
except ImportError:
    import xarray as xr
    data = az.InferenceData.from_datatree(xr.open_datatree(path, engine="zarr"))
summary = az.summary(data, round_to=None) if "round_to" in az.summary.__code__.co_varnames else az.summary(data)
b = data["posterior"]["b"]
print(json.dumps({
  "b": b.values.ravel().tolist(), "dims": list(b.dims), "J": b["J"].values.tolist(), "g": data["constant_data"]["g"].values.tolist(),
  "y": data["observed_data"]["y"].values.tolist(), "N": data["observed_data"]["y"]["N_dim"].values.tolist(), "hit": str(data["observed_data"]["hit"].dtype),
  "rep": data["posterior_predictive"]["y"].shape, "new": float(data["predictions"]["z_new"].mean()), "lp": data["sample_stats"]["lp"].values.ravel().tolist(),
  "khat": data["posterior"].attrs["khat"], "rows": list(summary.index), "x": data["constant_data"]["x"].values.tolist(),
}))`,
      ["arviz", "zarr"],
      skip,
    ) as Record<string, unknown>;
    const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(result).toMatchObject({
      b: [...fit.draws["b"]!.values],
      dims: ["chain", "draw", "J"],
      J: ["<b>", "no", "süd"],
      g: DATA.g,
      y: DATA.y,
      N: [1, 2, 3, 4, 5, 6],
      hit: "int64",
      rep: [1, 200, 6],
      lp: [...fit.logp],
      khat: fit.khat,
      x: DATA.x1.map((v, i) => [v, DATA.x2[i]]),
    });
    expect(result["new"]).toBeCloseTo(mean(fit.predictions["z_new"]!.values), 10);
    expect(result["rows"]).toEqual(expect.arrayContaining(["mu", "b[no]", "b[süd]", "w[1]"]));
  }, 240_000);

  test("CmdStanPy reads the draws", ({ skip }) => {
    const result = python(
      `
import sys, json, cmdstanpy
fit = cmdstanpy.from_csv(sys.argv[1] + "/draws.csv")
print(json.dumps({"kind": type(fit).__name__, "columns": list(fit.column_names), "both": fit.stan_variable("both").tolist()}))`,
      ["cmdstanpy"],
      skip,
    ) as Record<string, unknown>;
    const { values } = fit.draws["both"]!;
    expect(result).toMatchObject({ kind: "CmdStanPathfinder" });
    expect((result["columns"] as string[]).slice(0, 6)).toEqual(["lp_approx__", "lp__", "mu", "sigma", "b[1]", "b[2]"]);
    const both = (result["both"] as number[][][]).flat(2);
    both.forEach((value, i) => expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(1e-12 * Math.abs(value)));
  }, 240_000);

  test("NumPy reads the arrays that are written, and what it writes is read", ({ skip }) => {
    const result = python(
      `
import sys, json, numpy as np
np.savez(sys.argv[1] + "/np.npz", y=np.array([1.5, 2.5]), g=np.array(["a", "bc"]), n=np.asfortranarray(np.arange(6).reshape(2, 3)))
print(json.dumps({"ok": True}))`,
      ["numpy"],
      skip,
    );
    expect(result).toEqual({ ok: true });
    expect(existsSync(join(out, "np.npz"))).toBe(true);
  }, 120_000);

  test("an archive of NumPy's is data", async ({ skip }) => {
    if (!existsSync(join(out, "np.npz"))) skip("NumPy has written none");
    writeFileSync(
      join(folder, "m.ppl"),
      `data { dim A, B, G; y: real[A]; g: index(G)[A]; n: int[A, B] }
model { plate j in G { sample m[j] ~ Normal(0, 1) } plate i in A { observe y[i] ~ Normal(m[g[i]] + sum(n[i]), 1) } }`,
    );
    let text = "";
    const io = {
      out: (part: string) => void (text += part),
      err: () => undefined,
      stdin: async () => new Uint8Array(),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 100,
    };
    expect(
      await run(
        ["infer", join(folder, "m.ppl"), "--data", join(out, "np.npz"), "--out", join(folder, "npz"), "--json"],
        io,
      ),
    ).not.toBe(1);
    expect(JSON.parse(readFileSync(join(folder, "npz", "data.json"), "utf8"))).toEqual({
      A: 2,
      B: 3,
      G: 2,
      y: [1.5, 2.5],
      g: ["a", "bc"],
      n: [
        [0, 1, 2],
        [3, 4, 5],
      ],
    });
    expect(JSON.parse(text)).toMatchObject({ sites: { m: {} } });
  }, 120_000);
});

// ---------------------------------------------------------------------------------------- HTML

describe("report.html", () => {
  /** Every element is closed in order; text has no stray brackets. */
  function faults(html: string): string[] {
    const open: string[] = [];
    const found: string[] = [];
    for (const [, closing, name, rest] of html
      .replace(/<style>[^]*?<\/style>|<!doctype html>/g, "")
      .matchAll(/<(\/?)([a-z][a-z0-9]*)([^<>]*)>/g)) {
      if (["meta", "br"].includes(name!) || rest!.endsWith("/")) continue;
      if (closing === "") open.push(name!);
      else if (open.pop() !== name) found.push(name!);
    }
    return [...found, ...open];
  }

  test("is one well-formed page that needs nothing else", () => {
    const html = textOf("report.html");
    expect(faults(html)).toEqual([]);
    expect(faults("<p><b>x</p></b>")).not.toEqual([]);
    expect(html).not.toMatch(/<script|<link|<img|https?:|url\(|@import|NaN|undefined|Infinity/);
  });

  test("shows the verdict, k-hat in words, every site, warnings, checks, choices, data and model", () => {
    const html = textOf("report.html");
    const shown = [
      fit.khat.toFixed(2),
      "b[süd]",
      "b[&lt;b&gt;]",
      "z_new[1]",
      "ELBO",
      ...fit.warnings.map(({ code }) => code),
      "Predictive check",
      "Choices per site",
      "Sizes: N = 6",
      "observe y[i] ~ Normal(mu + b[g[i]]",
      "2026-01-02 03:04:05 UTC",
    ];
    expect(shown.filter((text) => !html.includes(text))).toEqual([]);
    expect(html).not.toContain("b[<b>]");
    expect(html.match(/<h3>/g)).toHaveLength(3); // y, hit and h
    expect(html.match(/ is (0|[1-9]).*above 0\.7/) !== null).toBe(fit.khat > 0.7);
  });

  test("a fit that failed its checks says so", () => {
    const bad = {
      ...fit,
      converged: false,
      khat: 1.3,
      verdict: "NOT converged: …",
      trace: [],
      data: {},
      predictive: {},
    };
    const html = fitFiles(bad, { version: "0", created: "", options: {} }).find(({ path }) => path === "report.html")!
      .content as string;
    expect(html).toContain("the guide misses a part of the posterior");
    expect(html).toContain('class="verdict bad"');
    expect(html).not.toContain("Predictive check");
    expect(faults(html)).toEqual([]);
  });

  test("text is escaped", () => expect(escape(`<a href="x">'&`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;"));
});

describe("pictures", () => {
  test("a kernel density integrates to one and peaks where the draws are", () => {
    const values = Float64Array.from({ length: 400 }, (_, i) => Math.sin(i * 12.9898) * 2 + (i % 2) * 10);
    const { x, y } = kernelDensity(values, [-6, 16]);
    const step = x[1]! - x[0]!;
    expect(y.reduce((sum, v) => sum + v * step, 0)).toBeCloseTo(1, 1);
    expect(Math.abs(x[y.indexOf(Math.max(...y))]! % 10)).toBeLessThan(3);
  });

  test("whole numbers, if few, have shares", () => {
    expect(fewValues(Float64Array.of(2, 1, 2, NaN))).toEqual([1, 2]);
    expect(fewValues(Float64Array.of(1, 1.5))).toBeNull();
    expect(fewValues(Float64Array.from({ length: 30 }, (_, i) => i))).toBeNull();
    expect(shareOf(Float64Array.of(2, 1, 2, NaN), 2)).toBeCloseTo(2 / 3, 12);
  });

  test.each([
    [[0, 10], 5, [0, 2, 4, 6, 8, 10]],
    [[-0.13, 0.21], 4, [-0.1, 0, 0.1, 0.2]],
    [[-2046.51, -2046.5], 2, [-2046.51, -2046.505, -2046.5]],
    [[3, 3], 4, [3]],
  ] as const)("ticks of %j", (domain, count, wanted) => expect(ticks(domain, count)).toEqual(wanted));

  test("scales and ranges", () => {
    expect(linear([0, 2], [10, 20])(1)).toBe(15);
    expect(linear([2, 2], [10, 20])(2)).toBe(15);
    expect(extent([3, NaN, 1, Infinity])).toEqual([1, 3]);
    expect(extent([])).toEqual([0, 1]);
    expect(extent([5])).toEqual([4.75, 5.25]);
  });
});
