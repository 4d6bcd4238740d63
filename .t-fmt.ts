import { readFileSync } from "node:fs";
import { parse } from "./src/syntax/parse.ts";
import { format } from "./src/syntax/print.ts";
for (const f of process.argv.slice(2)) {
  const text=readFileSync(f,"utf8");
  const {file,report}=parse({path:f.split("/").at(-1)!,text});
  const out=format(file); const again=format(parse({path:"",text:out}).file);
  console.log("=====",f, report.length, out===again?"stable":"UNSTABLE", out===text?"same":"");
  console.log(out); if(out!==again)console.log("----\n"+again);
}
