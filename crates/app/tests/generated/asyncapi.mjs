// Checks docs/asyncapi.json with the parser that AsyncAPI's own tools use.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const errors = diagnostics.filter((found) => found.severity === 0);
for (const error of errors) console.error(`${error.path.join(".")}: ${error.message}`);
if (!document || errors.length > 0) process.exit(1);
console.log(`asyncapi: ${document.messages().length} messages, no errors`);
