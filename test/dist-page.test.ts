// docs/distributions.md is what the table says now.

import { expect, it } from "vitest";
import { distributionPage } from "./support/distribution-page.ts";

it("docs/distributions.md is fresh (else run this test with --update)", async () => {
  await expect(distributionPage()).toMatchFileSnapshot("../docs/distributions.md");
});
