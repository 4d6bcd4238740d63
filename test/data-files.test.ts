// Files of data → keys and values: CSV by declaration, binary arrays by content, several files at once; faults are named precisely.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readBinary } from "../src/cli/binary.ts";
import { readCsv } from "../src/cli/csv.ts";
import { run } from "../src/cli/program.ts";
import { npy, npz } from "../src/output/npy.ts";

const folder = mkdtempSync(join(tmpdir(), "variate-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function file(name: string, content: string | Uint8Array): string {
  const place = join(folder, String(count++));
  mkdirSync(place);
  writeFileSync(join(place, name), content);
  return join(place, name);
}

type Found = { readonly code: string; readonly message: string; readonly at: unknown };

/** `variate check MODEL --data …`: exit code, diagnostics, and standard error. */
async function check(
  model: string,
  files: readonly string[],
  stdin = "",
): Promise<{ exit: number; found: Found[]; err: string }> {
  let [out, err] = ["", ""];
  const exit = await run(["check", file("m.ppl", model), ...files.flatMap((name) => ["--data", name]), "--json"], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    stdin: async () => new TextEncoder().encode(stdin),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
  });
  return { exit, found: (JSON.parse(out) as { diagnostics: Found[] }).diagnostics, err };
}

const codesOf = ({ found }: { found: readonly Found[] }): string[] => found.map(({ code }) => code);

// ---------------------------------------------------------------------------------------- CSV

describe("CSV", () => {
  const columns = (text: string): unknown => {
    const reading = readCsv(text);
    return reading.kind === "table"
      ? Object.fromEntries(Object.entries(reading.columns).map(([name, { cells }]) => [name, cells]))
      : reading.why;
  };

  test.each([
    ["commas", "a,b\n1,2\n3,4\n", { a: ["1", "3"], b: ["2", "4"] }],
    ["tabs", "a\tb\n1\t2", { a: ["1"], b: ["2"] }],
    ["semicolons", "a;b\n1;2", { a: ["1"], b: ["2"] }],
    ["quotes, and line ends of Windows", 'a,"b c"\r\n"x, y","say ""so"""\r\n', { a: ["x, y"], "b c": ['say "so"'] }],
    ["a cell of two lines", 'a,b\n"x\ny",2\n', { a: ["x\ny"], b: ["2"] }],
    ["row names without a name", '"",a\n"1",5\n"2",6\n', { a: ["5", "6"] }],
    ["an empty cell in a column of its own", "a\n1\n\n3\n", { a: ["1", "", "3"] }],
    ["blank lines at the end", "a,b\n1,2\n\n\n", { a: ["1"], b: ["2"] }],
    ["no rows", "a,b\n", { a: [], b: [] }],
    ["nothing", "", "it is empty"],
    ["a column twice", "a,b,a\n1,2,3\n", 'two of its columns are called "a"'],
    ["no header", "1,2\n3,4\n", "its first line holds numbers"],
    ["a short row", "a,b\n1,2\n3\n", "line 3 has 1 field, but the header names 2 columns"],
    ["a quote that does not end", 'a,b\n1,"2\n', /^it is not CSV: /],
  ])("%s", (_, text, wanted) => {
    if (wanted instanceof RegExp) expect(columns(text)).toMatch(wanted);
    else expect(columns(text)).toEqual(wanted);
  });

  test("what is written by the rules of RFC 4180 is read back", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", ";", "é", "0") }).map((text) => text.trim());
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 6 }), (rows) => {
        const text = ["u,v", ...rows.map((row) => row.map(quote).join(",")), ""].join("\n");
        const kept = rows.slice(0, rows.findLastIndex((row) => row.length > 0) + 1);
        expect(columns(text)).toEqual({ u: kept.map(([u]) => u), v: kept.map(([, v]) => v) });
      }),
      { seed: 4 },
    );
  });

  const MODEL = `data { dim N, G; y: real[N]; n: int[N]; b: bool[N]; g: index(G)[N]; x: real[N, 2] from ["age", "log wt"] }
model {
  sample a ~ Normal(0, 1)
  sample c ~ Normal(0, 1)
  plate i in N { observe y[i] ~ Normal(a + c * (n[i] + int(b[i]) + x[i, 0] + x[i, 1] + int(g[i])), 1) }
}`;
  const table = (change: (line: string) => string = (line) => line): string =>
    ["y,n,b,g,age,log wt", "1.5,2,true,north,30,1e-1", "-2,3,F,south,41,Inf", ".5,4,1,north,50,2."]
      .map(change)
      .join("\n");

  test("cells are what their declarations say", async () => {
    expect(codesOf(await check(MODEL, [file("d.csv", table())]))).toEqual([]);
    expect(codesOf(await check(MODEL, ["-"], table()))).toEqual([]);
  });

  test.each([
    ["text among numbers", "-2,3", "n/a,3", "PPL608", 'y[1] is "n/a"', "element 1 (line 3)"],
    ["a fraction among whole numbers", "-2,3", "-2,3.5", "PPL608", "n[1] is 3.5", "(line 3)"],
    ["a missing entry", "-2,3", "NA,3", "PPL604", "y[1] is null", "(line 3)"],
    ["an empty cell", "-2,3", ",3", "PPL604", "y[1] is null", "(line 3)"],
    ["no Boolean", ",F,", ",no,", "PPL608", 'b[1] is "no"', "(line 3)"],
    ["text in one of two columns", "41,Inf", "old,Inf", "PPL608", 'age[1] is "old"', 'key "age", element 1 (line 3)'],
  ])("%s", async (_, from, to, code, message, place) => {
    const result = await check(MODEL, [
      file(
        "d.csv",
        table((line) => line.replace(from, to)),
      ),
    ]);
    expect([result.exit, codesOf(result)[0]]).toEqual([1, code]);
    expect(result.found[0]!.message).toContain(message);
    expect(result.err).toContain(place);
    expect(result.err).toContain("d.csv");
  });

  test("a column that nothing declares is noted, an absent one refused", async () => {
    expect(
      codesOf(
        await check(MODEL, [
          file(
            "d.csv",
            table((line) => `${line},${line.startsWith("y") ? "z" : "9"}`),
          ),
        ]),
      ),
    ).toEqual(["PPL613"]);
    expect(
      codesOf(
        await check(MODEL, [
          file(
            "d.csv",
            table((line) => line.replace("age", "agee")),
          ),
        ]),
      ),
    ).toContain("PPL601");
  });

  test("members are numbers where all cells are, and names as soon as one is none", async () => {
    const model = (base: string): string => `data { ${base} dim N, G; g: index(G)[N]; y: real[N] }
model { plate j in G { sample m[j] ~ Normal(0, 1) } plate i in N { observe y[i] ~ Normal(m[g[i]], 1) } }`;
    expect(
      codesOf(await check(model("base 1"), [file("d.csv", "g,y\n1,0\n2,1\n"), file("s.json", '{ "G": 2 }')])),
    ).toEqual([]);
    expect(codesOf(await check(model(""), [file("d.csv", "g,y\n1,0\n2,1\n"), file("s.json", '{ "G": 2 }')]))).toEqual([
      "PPL610",
    ]);
    expect(codesOf(await check(model(""), [file("d.csv", "g,y\n1,0\n2b,1\n")]))).toEqual([]);
  });
});

// ---------------------------------------------------------------------------------------- several files

const MEAN =
  "data { dim N; y: real[N]; s: real > 0 }\nmodel { sample mu ~ Normal(0, 10) plate i in N { observe y[i] ~ Normal(mu, s) } }";

describe("several files", () => {
  test("columns from one, a scalar from another", async () => {
    expect(codesOf(await check(MEAN, [file("y.csv", "y\n1\n2\n"), file("s.json", '{ "s": 2 }')]))).toEqual([]);
  });

  test("a key in two files is refused with the names of both", async () => {
    const { exit, err } = await check(MEAN, [file("y.csv", "y\n1\n2\n"), file("both.json", '{ "y": [1], "s": 2 }')]);
    expect(exit).toBe(1);
    expect(err).toMatch(/"y" is in .*y\.csv and in .*both\.json/);
  });

  test("sizes that disagree, and faults, name the file of their key", async () => {
    const { err, found } = await check(MEAN.replace("s: real", "w: real[N]; s: real"), [
      file("y.csv", "y\n1\n2\n"),
      file("w.json", '{ "s": -2, "w": [1, 2, 3] }'),
    ]);
    expect(found.map(({ code }) => code)).toEqual(["PPL425", "PPL602", "PPL609"]); // nothing reads w
    expect(err.match(/w\.json: key "w"/g)).toHaveLength(1);
    expect(err.match(/w\.json: key "s"/g)).toHaveLength(1);
  });
});

// ---------------------------------------------------------------------------------------- binary arrays

/** An .npy file as NumPy writes it: header, and the bytes of the entries. */
function numpyFile(
  descr: string,
  shape: readonly number[],
  body: Uint8Array,
  fortran = false,
  version = 1,
): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape.map((n) => `${n},`).join(" ")}), }\n`;
  const head = new TextEncoder().encode(text);
  const length = version === 1 ? [head.length & 255, head.length >> 8] : [head.length & 255, head.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode("NUMPY"), version, 0, ...length, ...head, ...body]);
}

const bytesOf = (size: number, write: (view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
};

const arrayOf = async (bytes: Uint8Array): Promise<unknown> => {
  const reading = await readBinary(bytes);
  if (reading.kind === "problem") return reading.why;
  if (reading.kind !== "array") return reading.kind;
  const { value } = reading;
  return typeof value === "object" && value !== null && "shape" in value
    ? { shape: value.shape, values: [...value.values] }
    : value;
};

describe("binary arrays", () => {
  test.each([
    [
      "<f8",
      bytesOf(16, (v) => {
        v.setFloat64(0, 1.5, true);
        v.setFloat64(8, -Infinity, true);
      }),
      [1.5, -Infinity],
    ],
    [
      ">f4",
      bytesOf(8, (v) => {
        v.setFloat32(0, 1.5);
        v.setFloat32(4, -2);
      }),
      [1.5, -2],
    ],
    [
      "<f2",
      bytesOf(4, (v) => {
        v.setUint16(0, 0x3e00, true);
        v.setUint16(2, 0x0001, true);
      }),
      [1.5, 2 ** -24],
    ],
    [
      "<i8",
      bytesOf(16, (v) => {
        v.setBigInt64(0, -7n, true);
        v.setBigInt64(8, 8n, true);
      }),
      [-7, 8],
    ],
    [
      ">i4",
      bytesOf(8, (v) => {
        v.setInt32(0, -7);
        v.setInt32(4, 8);
      }),
      [-7, 8],
    ],
    [
      "<i2",
      bytesOf(4, (v) => {
        v.setInt16(0, -7, true);
        v.setInt16(2, 8, true);
      }),
      [-7, 8],
    ],
    [
      "<u4",
      bytesOf(8, (v) => {
        v.setUint32(0, 4e9, true);
        v.setUint32(4, 8, true);
      }),
      [4e9, 8],
    ],
    ["|u1", Uint8Array.of(200, 8), [200, 8]],
    ["|i1", Uint8Array.of(200, 8), [-56, 8]],
    ["|b1", Uint8Array.of(1, 0), [1, 0]],
  ])("NumPy's %s", async (descr, body, values) => {
    expect(await arrayOf(numpyFile(descr, [2], body))).toEqual({ shape: [2], values });
    expect(await arrayOf(numpyFile(descr, [2], body, false, 2))).toEqual({ shape: [2], values });
    expect(await arrayOf(gzipSync(numpyFile(descr, [2], body)))).toEqual({ shape: [2], values });
  });

  test("column-major arrays are turned, scalars have no dims, names are strings", async () => {
    expect(await arrayOf(numpyFile("|u1", [2, 3], Uint8Array.of(0, 3, 1, 4, 2, 5), true))).toEqual({
      shape: [2, 3],
      values: [0, 1, 2, 3, 4, 5],
    });
    expect(await arrayOf(numpyFile("|u1", [], Uint8Array.of(7)))).toEqual({ shape: [], values: [7] });
    expect(await arrayOf(numpyFile("|S2", [2], new TextEncoder().encode("a\0bc")))).toEqual(["a", "bc"]);
    expect(
      await arrayOf(
        numpyFile(
          "<U1",
          [1, 2],
          bytesOf(8, (v) => {
            v.setUint32(0, 0x1f600, true);
            v.setUint32(4, 0x62, true);
          }),
        ),
      ),
    ).toEqual([["😀", "b"]]);
  });

  test("IDX, as MNIST is stored", async () => {
    const idx = (type: number, shape: readonly number[], body: readonly number[]): Uint8Array =>
      Uint8Array.from([0, 0, type, shape.length, ...shape.flatMap((n) => [0, 0, n >> 8, n & 255]), ...body]);
    expect(await arrayOf(idx(8, [2, 1, 3], [1, 2, 3, 4, 5, 255]))).toEqual({
      shape: [2, 1, 3],
      values: [1, 2, 3, 4, 5, 255],
    });
    expect(await arrayOf(gzipSync(idx(0x0b, [2], [255, 254, 1, 0])))).toEqual({ shape: [2], values: [-2, 256] });
    expect(await arrayOf(idx(8, [300], [1, 2]))).toBe("it ends after 2 of 300 entries");
  });

  test.each([
    ["a short file", numpyFile("<f8", [3], new Uint8Array(16)), "it ends after 2 of 3 entries"],
    ["a long file", numpyFile("<f8", [1], new Uint8Array(16)), "more bytes follow its 1 entries"],
    ["objects", numpyFile("|O", [1], new Uint8Array(8)), 'its entries are of NumPy type "O0", not numbers or strings'],
    [
      "complex numbers",
      numpyFile("<c8", [1], new Uint8Array(8)),
      'its entries are of NumPy type "c8", not numbers or strings',
    ],
    ["a cut header", numpyFile("<f8", [1], new Uint8Array(8)).slice(0, 20), "it ends inside its header"],
    ["a cut archive", npz({ a: { shape: [], values: Float64Array.of(1) } }).slice(0, 40), "its ZIP archive is damaged"],
    ["damaged gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 1), "its gzip compression is damaged"],
    ["text", new TextEncoder().encode("a,b"), "other"],
  ])("%s", async (_, bytes, wanted) => expect(await arrayOf(bytes)).toBe(wanted));

  test("what is written is read back", async () => {
    const values = Float64Array.of(1, NaN, -0, 1e-300, Infinity, 5);
    expect(await arrayOf(npy({ shape: [3, 2], values }))).toEqual({ shape: [3, 2], values: [...values] });
    const reading = await readBinary(npz({ a: { shape: [6], values }, b: { shape: [], values: Float64Array.of(2) } }));
    expect(reading.kind === "arrays" && Object.keys(reading.values)).toEqual(["a", "b"]);
  });

  test("an array comes under its key, its entries are checked, and its shape", async () => {
    const model =
      "data { dim N, K; x: real[N, K]; n: int[N] }\nmodel { sample a ~ Normal(0, 1) plate i in N { observe n[i] ~ Poisson(exp(a + sum(x[i]))) } }";
    const x = file("x.npy", npy({ shape: [2, 3], values: Float64Array.of(1, 2, 3, 4, 5, 6) }));
    const n = (values: readonly number[], shape = [2]): string =>
      `n=${file("n.npy", npy({ shape, values: Float64Array.from(values) }))}`;
    expect(codesOf(await check(model, [`x=${x}`, n([1, 2])]))).toEqual([]);
    const wrong = await check(model, [`x=${x}`, n([1, 2.5])]);
    expect(wrong.err).toMatch(/error\[PPL608\]: n\[1\] is 2\.5[^]*n\.npy: key "n", element 1/);
    expect((await check(model, [`x=${x}`, n([1, NaN])])).err).toContain("error[PPL604]");
    expect((await check(model, [`x=${x}`, n([1, 2], [2, 1])])).err).toMatch(/PPL608.*an array of 2 dimensions/);
    expect((await check(model, [x, n([1, 2])])).err).toMatch(/PPL612.*under which key/);
    expect((await check(model, [`x=${x}`, `n=${file("n.json", "[1, 2]")}`])).err).toMatch(/PPL612.*no binary array/);
    const both = file(
      "both.npz",
      npz({ x: { shape: [2, 3], values: new Float64Array(6) }, n: { shape: [2], values: Float64Array.of(1, 2) } }),
    );
    expect(codesOf(await check(model, [both]))).toEqual([]);
  });
});
