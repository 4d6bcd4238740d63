import { parse } from "./src/syntax/parse.ts";
for (const d of [50,100,150,200,300,400,500]) console.log(d, parse({path:"x",text:"model { let x = "+"(".repeat(d)+"1"+")".repeat(d)+"}"}).report.length, parse({path:"x",text:"model { "+"plate i in N { ".repeat(d)+"}".repeat(d+1)}).report.length, parse({path:"x",text:"fun f(x: real) -> real = "+"if x then 1 else ".repeat(d)+" 1"}).report.length);
