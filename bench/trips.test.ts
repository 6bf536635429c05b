import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withNotes } from "./trips/note-entries.ts";
import { figuresOf, isDomain, staysOf } from "./trips/trip-figures.ts";
import { before, firstNoted, limits } from "./trips/trip-limits.ts";
import { trips } from "./trips/trip-list.ts";
import { exceeded, tripsTable } from "./trips/trips-page.ts";

const server = "packages/server/src/";
const entry = (file: string, name = "f") => ({ file: `${server}${file}`, name });

describe("a noted trip", () => {
  it("runs as before, and notes each entry", async () => {
    const source = [
      "type Make = (count: number) => number;",
      "export const twice: Make = (count: number): number => count * 2;",
      "export const pair = (count: number) => ({ count, more: async () => twice(count) });",
      "const sum = function (...all: number[]) { return all.reduce((total, one) => total + one, 0); };",
      "class Counter { #count = 0; get count() { return this.#count; } add(by: number): this { this.#count += by; return this; } }",
      "export const run = async () => [twice(1), (await pair(2).more()), sum(1, 2), new Counter().add(3).count];",
    ].join("\n");
    const names: string[] = [];
    const entered: number[] = [];
    Object.assign(globalThis, { __noteTest: (number: number) => void entered.push(number) });
    const noted = withNotes(source, (name) => names.push(name) - 1, "__noteTest");
    const { run } = (await import(`data:text/javascript,${encodeURIComponent(noted)}`)) as { run(): Promise<number[]> };
    assert.deepEqual(await run(), [2, 4, 3, 3]);
    assert.deepEqual(
      entered.map((number) => names[number]),
      ["run", "twice", "pair", "more", "twice", "sum", "sum > all.reduce()", "sum > all.reduce()", "add", "count"],
    );
  });

  it("counts stays and returns in the domain", () => {
    const entries = [
      entry("http/server.ts"),
      entry("storage/writer.ts"),
      entry("http/server.ts", "g"),
      entry("modules/accounts/users/user.service.ts"),
      entry("radius/protocol/packet/packet.ts"),
      entry("http/server.ts"),
      entry("kernel/unit-of-work.ts", "run > database.write()"),
    ];
    const { files, functions, domainFiles, stays, returns, units } = figuresOf({ id: "get", entries });
    assert.deepEqual(
      { files, functions, domainFiles, stays, returns, units },
      { files: 5, functions: 6, domainFiles: 3, stays: 4, returns: 1, units: 1 },
    );
    assert.equal(staysOf(entries).length, 7);
    assert.equal(isDomain("packages/contract/src/errors.ts"), false);
  });

  it("is told of where it exceeds its limit", () => {
    const { domainFiles, returns } = limits["interim"]!;
    const trip = { id: "interim", files: 0, functions: 0, domainFiles, stays: 0, returns, units: 1, way: [] };
    assert.deepEqual(exceeded(new Map([["sqlite", [trip]]])), []);
    assert.equal(exceeded(new Map([["sqlite", [{ ...trip, returns: returns + 1, domainFiles: domainFiles + 1 }]]])).length, 2);
    assert.match(tripsTable(new Map([["sqlite", [trip]]])).rows[0]!.join(" "), /Interim-Update .* \(was 118\)/);
  });

  it("has a limit and a past only if it is noted", () => {
    const ids = trips.map(({ id }) => id);
    assert.deepEqual(
      [...Object.keys(limits), ...Object.keys(before.trips), ...Object.keys(firstNoted.trips)].filter((id) => !ids.includes(id)),
      [],
    );
  });
});
