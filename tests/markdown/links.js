// SPDX-License-Identifier: Apache-2.0
// links.js DESCRIBE: descriptions of hostile values, read by what the platform reads them with.
// A description has no link, image or HTML of its own but the sender's address, and every value
// can be read in it as it was sent.
import { spawnSync } from "node:child_process";

import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";

const RANDOM_VALUES = 1000;
const LABELS = ["Email Subject", "Email Reply-To", "Email Message-ID", "Attachment 1"];
const FORBIDDEN = new Set(["link", "linkReference", "image", "imageReference", "html",
  "definition", "footnoteReference", "footnoteDefinition", "table", "delete", "code", "list",
  "heading", "blockquote", "thematicBreak", "emphasis"]);

const SINGLE = [
  "http://evil.example/", "https://evil.example/a_b*c*", "see www.evil.example now", "WWW.EVIL.EXAMPLE",
  "a@evil.example", "mailto:a@evil.example", "xmpp:a@evil.example", "ftp://evil.example", "<1@x>",
  "`http://evil.example/`", "``a@b.example```", "a@b.example`", "` a@b.example `", " a@b.example ",
  "![a@b.example](data:image/png;base64,AAAA)", "[a](http://evil.example)", "<a href='http://x.example'>",
  "<code>http://evil.example</code>", "</code>a@b.example", "a@b.example\\`", "\\", "|a@b.example|",
  "www\u200f.evil.example", "http:\u200e//evil.example", "a\u202e@b.example", "a@b.example\r\n# heading",
  "&commat;b.example", "http&colon;//evil.example", "www&period;evil.example", "a&#64;b.example",
  "***a***", "~~a~~", "[^1]", "[a]: http://evil.example", "\u00a0a@b.example\u00a0", "`".repeat(300) + "@",
];

const PIECES = [
  "http://", "https://", "www.", "WWW.", "@", "a.example", "x", "_", "*", "**", "`", "``", "```", "\\", "![", "](",
  ")", "[", "]", "<", ">", "<code>", "</code>", "&", "&amp;", "&#64;", "!", "|", "~", "#", " ", "  ", "\r\n", "\t",
  "\u200e", "\u202e", "\u2028", "\u00e4", "\u{1f600}", ":", "/", "//", ".", "-", "1", "mailto:", "data:", "$", "{", "}",
];

// Numerical Recipes' generator: the same values in each run.
let seed = 20261128;
function random(n) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
}

function randomValue() {
  let value = "";
  for (let n = 1 + random(12); n > 0; n--)
    value += PIECES[random(PIECES.length)];
  return value;
}

function visible(value) {
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ")
    .replace(/[\u200e\u200f]/g, "")
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase()}]`);
}

const collapsed = (text) => text.replace(/\s+/g, " ").trim();
const parser = unified().use(remarkParse).use(remarkGfm);
const read = (markdown) => parser.runSync(parser.parse(markdown));

function* walk(node) {
  yield node;
  for (const child of node.children ?? [])
    yield* walk(child);
}

function textOf(root) {
  let text = "";
  for (const node of walk(root))
    text += ["break", "paragraph"].includes(node.type) ? "\n" : node.value ?? "";
  return text;
}

function* faults(value, description) {
  const root = read(description);
  for (const node of walk(root)) {
    const isSender = node.type === "link" && node.url === "mailto:from@example.org";
    if (FORBIDDEN.has(node.type) && !isSender)
      yield `holds a ${node.type} ${node.url ?? node.value ?? ""}`;
  }
  if (/!\[|<\/?code/i.test(description))
    yield "holds what the platform looks for in the raw text";
  const lines = textOf(root).split("\n");
  for (const label of LABELS) {
    const line = lines.find((l) => l.startsWith(`${label}: `)) ?? "";
    // A subject of nothing is replaced by words.
    if (label === "Email Subject" && line.startsWith("Email Subject: <no subject>"))
      continue;
    if (!collapsed(line).includes(collapsed(visible(value))) && collapsed(visible(value)))
      yield `${label} does not show it: ${JSON.stringify(line)}`;
  }
}

function describe(program, values) {
  const run = spawnSync(program, { input: values.join("\0") + "\0", maxBuffer: 2 ** 28 });
  if (run.status !== 0)
    throw new Error(`${program}: ${run.status} ${run.stderr}`);
  return run.stdout.toString().trimEnd().split("\n").map((line) => JSON.parse(line).description);
}

// The judge must see what it is there for.
for (const [markdown, type] of [["**a**: http\\://evil.example/", "link"], ["www.evil.example", "link"],
  ["a@b.example", "link"], ["a `b` <b>", "html"]]) {
  if (![...walk(read(markdown))].some((node) => node.type === type))
    throw new Error(`no ${type} is seen in ${markdown}`);
}

const values = SINGLE.concat(Array.from({ length: RANDOM_VALUES }, randomValue));
const descriptions = describe(process.argv[2], values);
if (descriptions.length !== values.length)
  throw new Error(`${descriptions.length} descriptions of ${values.length} values`);
let n = 0;
for (const [i, value] of values.entries()) {
  for (const fault of faults(value, descriptions[i])) {
    if (++n <= 20)
      console.log(`${JSON.stringify(value)} ${fault}`);
  }
}
console.log(`${values.length} values, ${n} faults`);
process.exit(n ? 1 : 0);
