import { check } from "./src/model/check.ts";
import { renderText } from "./src/base/render.ts";
import { badModels } from "./test/support/bad-programs.ts";
for (const [n,t] of Object.entries(badModels)) console.log(renderText(check({path:n+".ppl",text:t}).report)+"\n");
