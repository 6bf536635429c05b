import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { sizeOfPattern } from "../../src/modules/network/network-access/attribute-pattern.rules.ts";

describe("the size of a pattern", () => {
  it("is what its repetitions come to, written out", () => {
    for (const [pattern, size] of [
      ["^abc", 7],
      ["^([0-9A-F]{2}[:-]){5}[0-9A-F]{2}$", 32],
      ["(a?){100}a{100}", 503],
      ["[]a]{5}", 8],
      ["(?i)guest-(?:\\d{4}|[a-f]{2})$", 20],
      ["[^\\]]{5}", 8],
      ["[[:alpha:]-]{5}", 8],
      ["\\x{10FFFF}{4}", 7],
      ["a{,5}", 8],
      ["(((a{0,10}){0,10}){0,10})", 2335],
      ["(a{1000}){1000}", 1_002_003],
    ] as const) {
      assert.equal(sizeOfPattern(pattern), size, pattern);
    }
  });

  it("is never far below what the engine makes of it", () => {
    const repetition = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{0,3}", "{1,4}", "{2,}", "{7}");
    const atom = fc.constantFrom(
      "a",
      "[a-c]",
      "[]a]",
      "[^\\]a]",
      "[[:alpha:]]",
      "\\d",
      "\\pL",
      "\\p{Greek}",
      ".",
      "\\b",
      "^",
      "\\.",
      "x|y",
      "\\Qq.[\\E",
    );
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc
        .array(
          fc.tuple(
            fc.oneof(
              { maxDepth: 3 },
              atom,
              tie("pattern").map((inner) => `(${inner})`),
              tie("pattern").map((inner) => `(?:${inner})`),
            ),
            repetition,
          ),
          {
            minLength: 1,
            maxLength: 4,
          },
        )
        .map((items) => items.flat().join("")),
    }));
    fc.assert(
      fc.property(pattern, (text) => {
        const size = sizeOfPattern(text);
        // What is larger is never compiled.
        fc.pre(size < 2_000);
        let compiled: RE2JS;
        try {
          compiled = RE2JS.compile(text);
        } catch {
          return;
        }
        assert.ok(compiled.programSize() <= 1.25 * size + 5, `${text}: ${size}, ${compiled.programSize()}`);
      }),
    );
  });
});
