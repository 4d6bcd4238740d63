import { readFileSync } from "node:fs";
import { lex } from "./src/syntax/lex.ts";
import { balance } from "./src/syntax/brackets.ts";
import { readTree } from "./src/syntax/recover.ts";
const text=readFileSync(process.argv[2]!,"utf8"); const source={path:"x",text};
const l=lex(source); const b=balance(source,l.tokens);
console.log(b.tokens.map(t=>t.image||t.tokenType.name).join(" "));
for(const f of readTree(text,b.tokens).failures) console.log(f.kind,f.rule,f.wanted?.name,f.found,f.start,f.end, f.tokens.map((t,i)=>(i===f.start?"«":"")+(i===f.found?"!":"")+(t.image||t.tokenType.name)+(i===f.end-1?"»":"")).join(" "));
