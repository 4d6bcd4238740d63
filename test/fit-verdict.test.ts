// The words of a verdict: they follow the facts, name what was measured, and warn where they must.

import { describe, expect, test } from "vitest";
import type { Remark, Verdict } from "../src/fit/target.ts";
import { describeVerdict, fitWarnings, KHAT_LIMIT } from "../src/fit/verdict.ts";

const passed: Verdict = {
  converged: true,
  moved: 0.0042,
  draws: 256,
  gradients: 462,
  values: 60,
  rounds: 3,
  remarks: [],
};
const failed: Verdict = { ...passed, converged: false, moved: 0.2134, draws: 4096, gradients: 210_000 };
const elbo = { mean: -184.8021, se: 0.0123 };
const withRemark = (verdict: Verdict, ...remarks: Remark[]): Verdict => ({ ...verdict, remarks });
const say = (verdict: Verdict, khat = 0.56): string => describeVerdict(verdict, "fullrank", elbo, khat);

describe("sentences", () => {
  test("converged: the claim, its proof and its price", () => {
    expect(say(passed)).toBe(
      "converged: within 0.05 nats of the best full-rank guide (last check on 256 new draws moved the ELBO by 0.0042); " +
        "462 gradients; ELBO -184.80 ± 0.01; k-hat 0.56",
    );
  });

  test("where there are several optima the claim is of the best one found", () => {
    expect(say(withRemark(passed, { kind: "modes", starts: 10, elsewhere: 3, below: 1.2 }))).toMatch(
      /^converged: within 0.05 nats of the best full-rank guide found \(/,
    );
    expect(say(passed)).not.toMatch(/found/);
  });

  test("not converged: what still moved, and what to try", () => {
    expect(say(failed)).toMatch(
      /^NOT converged: 4096 draws still moved the ELBO by 0.21; .*mean-field guide or a reparameterisation/,
    );
    expect(describeVerdict(failed, "meanfield", elbo, 0.5)).toMatch(/try the full-rank guide or a reparameterisation/);
    expect(describeVerdict(failed, "custom", elbo, 0.5)).toMatch(/try a reparameterisation/);
  });

  test("a small change is not printed as nothing", () => {
    expect(say({ ...passed, moved: 1e-9 })).toMatch(/by less than 0.001/);
  });

  test("no check at all is said", () => {
    expect(say({ ...failed, moved: Infinity })).toMatch(/210000 gradients were spent before a check/);
  });

  test("a deterministic fit claims nothing about draws", () => {
    expect(say({ ...passed, draws: 1, moved: 1e-8 })).not.toMatch(/new draws/);
  });

  test.each<[Remark, RegExp]>([
    [{ kind: "support-cut", share: 0.0625 }, /6.3 % of 4096 new draws had no finite log density.*constraint/],
    [{ kind: "improper", coordinates: [2] }, /does not fall as beta\[3\] runs away.*proper prior/],
    [
      { kind: "improper", coordinates: [0, 1, 2, 3, 4, 5] },
      /as beta\[1\], beta\[2\], beta\[3\], beta\[4\] and 2 more run away/,
    ],
    [{ kind: "funnel" }, /funnel/],
    [
      { kind: "other-family", khat: 1.04 },
      /try a reparameterisation.*; full rank since the mean-field guide's k-hat was 1.04/,
    ],
    [{ kind: "restarted", times: 2 }, /started anew 2 times/],
    [
      { kind: "modes", starts: 10, elsewhere: 3, below: 1.234 },
      /; 3 of 10 starts ended in another mode, the best other 1.2 nats lower/,
    ],
    [{ kind: "modes", starts: 10, elsewhere: 4, below: 0.01 }, /; 4 of 10 starts ended in another mode, as good/],
    [{ kind: "survived", steps: 1 }, /once a gradient was not finite/],
  ])("remark %o", (remark, words) => {
    expect(describeVerdict(withRemark(failed, remark), "fullrank", elbo, 0.5, (j) => `beta[${j + 1}]`)).toMatch(words);
  });

  test("a full-rank guide that was tried in vain is told, and not advised again", () => {
    const both = withRemark(passed, { kind: "other-family", khat: 1.2 });
    expect(describeVerdict(both, "meanfield", elbo, 0.9)).toMatch(
      /the full-rank guide was tried too and was no better \(k-hat 1.20\)/,
    );
    expect(
      fitWarnings(both, "meanfield", elbo, 0.9)
        .map(({ hint }) => hint)
        .join(),
    ).not.toMatch(/full-rank/);
  });

  test("an infinite ELBO is printed as it is", () => {
    expect(describeVerdict(failed, "fullrank", { mean: -Infinity, se: Infinity }, Infinity)).toMatch(
      /ELBO -Infinity; k-hat Infinity/,
    );
  });
});

describe("warnings", () => {
  const codes = (verdict: Verdict, khat: number): string[] =>
    fitWarnings(verdict, "meanfield", elbo, khat).map(({ code }) => code);

  test("none where all is well; one for each thing that is not", () => {
    expect(codes(passed, 0.5)).toEqual([]);
    expect(codes(passed, KHAT_LIMIT)).toEqual([]);
    expect(codes(passed, 0.71)).toEqual(["PPL709"]);
    expect(codes(failed, 0.5)).toEqual(["PPL708"]);
    expect(codes(failed, Infinity)).toEqual(["PPL708", "PPL709"]);
    expect(codes(passed, NaN)).toEqual(["PPL709"]);
  });

  test("a high k-hat of weights that hardly vary is good, whatever its value; an infinite one is not", () => {
    const even = { mean: elbo.mean, se: 0.0005 };
    expect(fitWarnings(passed, "fullrank", even, 0.95)).toEqual([]);
    expect(describeVerdict(passed, "fullrank", even, 0.95)).toMatch(/k-hat 0.95, good since the weights hardly vary/);
    expect(describeVerdict(passed, "fullrank", even, 0.5)).not.toMatch(/hardly vary/);
    for (const khat of [NaN, Infinity]) expect(fitWarnings(passed, "fullrank", even, khat)).toHaveLength(1);
  });

  test("each has a hint, and the hint follows the family", () => {
    for (const { severity, hint } of fitWarnings(failed, "meanfield", elbo, 0.9)) {
      expect(severity).toBe("warning");
      expect(hint).toMatch(/full-rank/);
    }
    for (const { hint } of fitWarnings(failed, "fullrank", elbo, 0.9)) expect(hint).not.toMatch(/full-rank/);
  });
});
