import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatInstant, parseInstant } from "@gatehouse-aaa/contract";
import fc from "fast-check";

describe("times", () => {
  it("are written as ISO 8601 in UTC to the second, and read back the same", () => {
    const earliest = Date.parse("0001-01-01T00:00:00Z") / 1000;
    const latest = Date.parse("9999-12-31T23:59:59Z") / 1000;
    fc.assert(
      fc.property(fc.integer({ min: earliest, max: latest }), (second) => {
        const text = formatInstant(second * 1000);
        assert.equal(text, `${new Date(second * 1000).toISOString().slice(0, 19)}Z`);
        assert.equal(parseInstant(text), second * 1000);
      }),
    );
  });

  it("that no text can name are shown as the first or last one that can", () => {
    for (const ms of [1e18, Number.MAX_SAFE_INTEGER, 253_402_300_800_000]) assert.equal(formatInstant(ms), "9999-12-31T23:59:59Z");
    for (const ms of [-1e18, Number.NaN, -62_135_596_800_001]) assert.equal(formatInstant(ms), "0001-01-01T00:00:00Z");
  });

  for (const [text, meant] of [
    ["2024-01-15T10:30:00+02:00", "2024-01-15T08:30:00Z"],
    ["2024-01-15", "2024-01-15T00:00:00Z"],
    ["2000-01-01 00:01:00+00:00", "2000-01-01T00:01:00Z"],
    ["2000-01-01 00:01:00 00:00", "2000-01-01T00:01:00Z"],
    ["2000-01-01 00:01:00", "2000-01-01T00:01:00Z"],
    ["2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59Z"],
  ] as const) {
    it(`${text} is ${meant}`, () => assert.equal(formatInstant(parseInstant(text)!), meant));
  }

  for (const text of [
    "2023-02-29",
    "2024-13-01",
    "24:00",
    "2024-01-15T24:00:00Z",
    "2024-01-15T10:60:00Z",
    "now",
    "0000-01-01",
    "2024-1-5",
  ]) {
    it(`${text} is none`, () => assert.equal(parseInstant(text), undefined));
  }
});
