import { readFileSync } from "node:fs";
import { parse } from "./src/syntax/parse.ts";
import { renderText } from "./src/base/render.ts";
for (const f of process.argv.slice(2)) {
  const {file,report}=parse({path:f.split("/").at(-1)!,text:readFileSync(f,"utf8")});
  console.log(f, file.items.map(i=>i.kind).join(" "), report.length);
  if(report.length)console.log(renderText(report,{color:false}));
}
