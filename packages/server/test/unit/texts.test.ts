import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { escapeLineBreaks } from "../../src/http/json-body.ts";
import { foldText } from "../../src/kernel/folded-text.ts";

describe("folded texts", () => {
  // From Unicode's CaseFolding.txt, statuses C and F.
  const equal = [
    ["Straße", "STRASSE"],
    ["GROẞ", "groß"],
    ["ΟΔΟΣ", "οδος"],
    ["οδοσ", "οδος"],
    ["ſ", "S"],
    ["ﬀ", "FF"],
    ["K", "k"],
    ["é", "E\u0301"],
  ] as const;
  for (const [a, b] of equal) it(`${a} is ${b}`, () => assert.equal(foldText(a), foldText(b)));

  for (const [a, b] of [
    ["kıran", "kiran"],
    ["a", "ä"],
    ["o", "0"],
  ] as const) {
    it(`${a} is not ${b}`, () => assert.notEqual(foldText(a), foldText(b)));
  }
});

describe("raw line breaks in JSON", () => {
  it("are escaped inside strings and left between tokens", () => {
    const text = '{\n"a": "one\ntwo\tthree",\r\n"b": "\\"quoted\n\\""}';
    assert.deepEqual(JSON.parse(escapeLineBreaks(text)), { a: "one\ntwo\tthree", b: '"quoted\n"' });
  });

  it("cost one pass over an unterminated string", () => {
    const text = `"${'\\"'.repeat(500_000)}`;
    assert.equal(escapeLineBreaks(text), text);
  });
});
