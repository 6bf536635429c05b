import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { presentPage } from "../../src/http/list-page.ts";
import { addressOf } from "../../src/http/public-address.ts";

const origins = ["http://gate.example.com", "http://Gate.Example.com:80", "https://[2001:DB8::1]:8443", "https://example.com/behind/Proxy"];

/** Pieces that a URL keeps, and pieces that it writes otherwise. */
const piece = fc.constantFrom(
  "user",
  "a.b",
  "..",
  ".",
  "%2e",
  "é",
  "'",
  '"',
  "a b",
  "x_y-z~",
  "0",
  "@:",
  "\\",
  "|",
  "{",
  "+",
  "*",
  ",",
  ";",
  "",
);
const path = fc.array(piece, { maxLength: 5 }).map((pieces) => `/${pieces.join("/")}`);
const pair = fc.tuple(piece, piece).map(([name, value]) => `${name}=${value}`);
const query = fc.uniqueArray(fc.oneof(pair, piece), { maxLength: 5 }).map((pairs) => (pairs.length === 0 ? "" : `?${pairs.join("&")}`));
const target = fc.tuple(path, query).map((parts) => parts.join(""));

describe("the address of a request", () => {
  it("is the one that URL reads, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...origins), target, (origin, asked) => {
        const { origin: before, pathname, search } = addressOf(origin, asked);
        assert.equal(before + pathname + search, new URL(origin + asked).href.replace(/\?$/, ""));
      }),
      { numRuns: 3_000 },
    );
  });

  it("leads on and back by the links that URL would write", () => {
    const linksBy = (url: URL, limit: number, offset: number) => {
      const link = (to: number) => {
        const copy = new URL(url);
        copy.searchParams.set("limit", String(limit));
        if (to > 0) copy.searchParams.set("offset", String(to));
        else copy.searchParams.delete("offset");
        return copy.href;
      };
      return { next: link(offset + limit), previous: offset === 0 ? null : link(offset - limit) };
    };
    const plain = fc.dictionary(
      fc.constantFrom("organization", "klass", "limit", "offset", "x.y"),
      fc.constantFrom("", "7", "gold", "a%20b", "a+b", "*"),
    );
    fc.assert(
      fc.property(plain, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 300 }), (given, limit, offset) => {
        const search = Object.entries(given).map(([name, value]) => `${name}=${value}`);
        const url = new URL(`http://gate.example.com/api/v1/user/${search.length === 0 ? "" : "?"}${search.join("&")}`);
        const page = { rows: [], count: 1_000, countIsBound: false, lastId: 9 };
        const { next, previous } = presentPage(url, { limit, start: { offset }, exactCount: false }, page);
        const expected = linksBy(url, limit, offset);
        assert.deepEqual([next, previous], [expected.next, expected.previous]);
      }),
      { numRuns: 2_000 },
    );
  });
});
