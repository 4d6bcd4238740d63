// `variate explain` as the command line prints it: what is chosen for each site, why, and what was rejected. The goldens are the documentation
// of the choices; `npm run golden` accepts a change.

import { describe, expect, test } from "vitest";
import { estimators } from "../src/estimator/index.ts";
import { captured } from "./support/command.ts";

const cases: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "eight-schools", args: ["examples/eight-schools"] },
  { name: "eight-schools-adam", args: ["examples/eight-schools", "--method", "adam", "--estimator", "tau=path(weight=adaptive)"] },
  { name: "mixture", args: ["examples/mixture"] },
  { name: "wells-batch", args: ["examples/wells", "--batch", "N=256"] },
  { name: "meeting", args: ["test/models/meeting.ppl"] },
  { name: "hidden-counts", args: ["test/models/hidden-counts.ppl"] },
  { name: "written-guide", args: ["test/models/written-guide.ppl"] },
  { name: "guide-families", args: ["test/models/guide-families.ppl"] },
  { name: "hamiltonian", args: ["test/models/hamiltonian.ppl"] },
];

describe("explain", () => {
  test.each(cases)("$name", async ({ name, args }) => {
    const { exit, out } = await captured(["explain", ...args]);
    expect(exit).toBe(0);
    await expect(`$ variate explain ${args.join(" ")}\n\n${out}`).toMatchFileSnapshot(`golden/explain-${name}.txt`);
  });
});

type Said = { readonly choices: readonly { readonly site: string; readonly estimator: string; readonly rejected: readonly { readonly estimator: string; readonly reason: string }[] }[]; readonly method: { readonly name: string } };

const said = async (...args: readonly string[]): Promise<Said> => JSON.parse((await captured(["explain", ...args, "--json"])).out) as Said;
const ofSite = (explanation: Said, site: string) => explanation.choices.find((choice) => choice.site === site)!;

describe("the choices that the goldens show", () => {
  test("members that meet: enumeration is refused, naming the statement, and leave-one-out is taken", async () => {
    const explanation = await said("test/models/meeting.ppl");
    expect(ofSite(explanation, "z").estimator).toBe("loo");
    expect(ofSite(explanation, "z").rejected.find(({ estimator }) => estimator === "enumerate")!.reason).toContain("the likelihood of total");
    expect(explanation.method.name).toBe("adam");
  });

  test("one particle leaves no baseline: the plain score function", async () => {
    expect(ofSite(await said("test/models/meeting.ppl", "--particles", "1"), "z").estimator).toBe("score");
  });

  test("the same site without the meeting is summed", async () => {
    expect(ofSite(await said("examples/mixture"), "z").estimator).toBe("enumerate");
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
