// `variate explain` as the command line prints it: what is chosen for each site, why, and what was rejected. The goldens are the documentation
// of the choices; `npm run golden` accepts a change.

import { describe, expect, test } from "vitest";
import { estimators } from "../src/estimator/index.ts";
import { captured } from "./support/command.ts";

const cases: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "eight-schools", args: ["examples/eight-schools"] },
  { name: "eight-schools-adam", args: ["examples/eight-schools", "--method", "adam", "--estimator", "tau=adaptive"] },
  { name: "mixture", args: ["examples/mixture"] },
  { name: "wells-batch", args: ["examples/wells", "--batch", "N=256"] },
  { name: "meeting", args: ["test/models/meeting.ppl"] },
  { name: "hidden-counts", args: ["test/models/hidden-counts.ppl"] },
  { name: "written-guide", args: ["test/models/written-guide.ppl"] },
  { name: "guide-families", args: ["test/models/guide-families.ppl"] },
  { name: "bike-hire", args: ["test/models/bike-hire"] },
  { name: "rules-continuous", args: ["test/models/rules/continuous.ppl"] },
  { name: "rules-discrete", args: ["test/models/rules/discrete.ppl"] },
  { name: "rules-iwae", args: ["test/models/rules/several-draws.ppl", "--objective", "iwae"] },
  { name: "rules-meeting", args: ["test/models/rules/meeting.ppl"] },
  {
    name: "rules-wishes",
    args: ["test/models/rules/wishes.ppl", "--estimator", "c=arsm+", "--estimator", "d=reinmax-rao(draws=8)"],
  },
  { name: "rules-exact", args: ["test/models/rules/discrete.ppl", "--policy", "exact"] },
  { name: "mixture-exact", args: ["examples/mixture", "--policy", "exact"] },
  { name: "hamiltonian", args: ["test/models/hamiltonian.ppl"] },
];

describe("explain", () => {
  test.each(cases)("$name", async ({ name, args }) => {
    const { exit, out } = await captured(["explain", ...args]);
    expect(exit).toBe(0);
    await expect(`$ variate explain ${args.join(" ")}\n\n${out}`).toMatchFileSnapshot(`golden/explain-${name}.txt`);
  });
});

type Said = {
  readonly choices: readonly {
    readonly site: string;
    readonly estimator: string;
    readonly reason: string;
    readonly advice: string | null;
    readonly rejected: readonly { readonly estimator: string; readonly reason: string }[];
  }[];
  readonly method: { readonly name: string };
};

const said = async (...args: readonly string[]): Promise<Said> =>
  JSON.parse((await captured(["explain", ...args, "--json"])).out) as Said;
const ofSite = (explanation: Said, site: string) => explanation.choices.find((choice) => choice.site === site)!;

describe("the choices that the goldens show", () => {
  const chosenIn = async (...args: readonly string[]): Promise<Record<string, string>> =>
    Object.fromEntries((await said(...args)).choices.map(({ site, estimator }) => [site, estimator]));

  test("each default rule for continuous sites and counts", async () => {
    expect(await chosenIn("test/models/rules/continuous.ppl")).toEqual({
      mu: "path",
      scale: "implicit",
      share: "implicit",
      toward: "implicit",
      width: "total",
      level: "stratified",
      shops: "loo",
      tries: "loo",
    });
  });

  test("each default rule for discrete sites: by the state, by arithmetic, by comparison, by an integer function, as a count", async () => {
    const smooth = "reinmax-rao";
    const chosen = await chosenIn("test/models/rules/discrete.ppl");
    expect(chosen).toEqual({
      plain: smooth,
      member: smooth,
      shifted: "arsm",
      compared: "arsm",
      halved: "arsm",
      tossed: "arsm",
    });
  });

  test("a term without a derivative is named in the choice and in the refusals", async () => {
    const { choices } = await said("test/models/rules/discrete.ppl");
    for (const [site, term] of [
      ["shifted", "the factor in line 18"],
      ["compared", "the factor in line 19"],
      ["tossed", "the likelihood of events"],
    ]) {
      const choice = choices.find((one) => one.site === site)!;
      expect(choice.reason).toContain(term);
      expect(choice.rejected.find(({ estimator }) => estimator === "reinmax")!.reason).toContain(term);
    }
  });

  test("under a bound of several draws", async () => {
    expect(await chosenIn("test/models/rules/several-draws.ppl", "--objective", "iwae")).toEqual({
      mu: "dreg",
      high: "reinmax-rao",
      shops: "vimco",
    });
  });

  test("wishes, with hyphens and a plus, in the model and on the command line", async () => {
    expect(await chosenIn("test/models/rules/wishes.ppl")).toEqual({
      a: "reinmax-rao(draws = 16)",
      b: "arsm+",
      c: "reinmax-cv(subtract = mean-field)",
      d: "loo",
    });
    expect((await chosenIn("test/models/rules/wishes.ppl", "--estimator", "b=ars+"))["b"]).toBe("ars+");
  });

  test("advice where another choice is better: sums, reinmax beside reinmax-rao, more draws in place of swaps", async () => {
    const adviceOn = async (site: string, ...args: readonly string[]): Promise<string | null> =>
      ofSite(await said(...args), site).advice;
    expect(await adviceOn("z", "examples/mixture")).toContain("--policy exact");
    expect(await adviceOn("z", "examples/mixture", "--policy", "exact")).toBeNull();
    expect(await adviceOn("z", "test/models/meeting.ppl")).toContain("@estimator(reinmax)");
    expect(await adviceOn("high", "test/models/rules/several-draws.ppl", "--objective", "iwae")).toContain(
      "@estimator(vimco)",
    );
    expect(await adviceOn("z", "test/models/rules/meeting.ppl")).toContain("@estimator(loo) with --particles 4");
  });

  test("members that meet: enumeration is refused, naming the statement, under the exact policy too", async () => {
    const explanation = await said("test/models/meeting.ppl", "--policy", "exact");
    expect(ofSite(explanation, "z").estimator).toBe("reinmax-rao");
    expect(ofSite(explanation, "z").rejected.find(({ estimator }) => estimator === "enumerate")!.reason).toContain(
      "the likelihood of total",
    );
    expect(explanation.method.name).toBe("adam");
  });

  test("one particle leaves no baseline: the plain score function", async () => {
    expect(ofSite(await said("test/models/hidden-counts.ppl", "--particles", "1"), "present").estimator).toBe("score");
  });

  test("the same site without the meeting is summed", async () => {
    expect(ofSite(await said("examples/mixture", "--policy", "exact"), "z").estimator).toBe("enumerate");
  });

  test("a count without bounds cannot be listed", async () => {
    const present = ofSite(await said("test/models/hidden-counts.ppl"), "present");
    expect(present.estimator).toBe("loo");
    expect(present.rejected.find(({ estimator }) => estimator === "enumerate")!.reason).toContain("cannot be listed");
  });

  test("every other estimator of the table is rejected with a reason, for every site", async () => {
    for (const { args } of cases) {
      for (const { estimator, rejected } of (await said(...args)).choices) {
        // A point has no gradient to estimate.
        if (estimator === "exact") continue;
        const names = [estimator.replace(/\(.*/, ""), ...rejected.map((one) => one.estimator)];
        expect(names.sort()).toEqual(estimators.map(({ name }) => name).sort());
        for (const { reason } of rejected) expect(reason.length).toBeGreaterThan(20);
      }
    }
  });
});
