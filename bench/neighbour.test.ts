import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { floodPackets, laneOf } from "./neighbour/flood-packets.ts";
import { floods } from "./neighbour/floods.ts";
import { compareTimes, type NeighbourResult, type NeighbourRound, neighbourPart } from "./neighbour/neighbour-results.ts";
import { dearHash } from "./neighbour/neighbour-world.ts";
import { type QuietWork, quietWork } from "./neighbour/quiet-tenant.ts";

const timesOf = (p99: number) =>
  Object.fromEntries(Object.keys(quietWork).map((kind) => [kind, { p50: p99 / 2, p99, requests: 100 }])) as NeighbourRound["quiet"];
const roundOf = (quiet: number, flooded: number): NeighbourRound => ({ quiet: timesOf(quiet), flooded: timesOf(flooded), outcomes: {} });

describe("the bench of a flooding neighbour", () => {
  it("allows twice the quiet value of the same run, or one array's unit more, by the middle of the rounds", () => {
    const heldAt = (quiet: number, flooded: number, arrayMs: number) =>
      compareTimes([roundOf(quiet, flooded), roundOf(quiet, 9_000), roundOf(quiet, 1)], "read", "p99", arrayMs).isHeld;
    assert.deepEqual([heldAt(10, 20, 1), heldAt(10, 21, 1), heldAt(10, 60, 50), heldAt(10, 61, 50)], [true, false, true, false]);
  });

  it("says of each flood and kind of work what was measured, and marks what is over", () => {
    const result = {
      database: "sqlite",
      machine: { processor: "one", cores: 2, node: "v26.0.0" },
      settings: { rounds: 1, seconds: 1 },
      commit: "abc",
      date: "2026-11-30T00:00:00Z",
      load: 1,
      arrayMs: 10,
      floods: Object.fromEntries(floods.map(({ id }, index) => [id, [roundOf(10, index === 0 ? 100 : 15)]])),
    } as unknown as NeighbourResult;
    const page = neighbourPart([result])!;
    for (const { title } of floods) assert.equal(page.split(`| ${title} |`).length, 3, title);
    assert.equal(page.split(") over").length - 1, Object.keys(quietWork).length satisfies number);
    assert.equal(neighbourPart([]), undefined);
    assert.ok((Object.keys(quietWork) as QuietWork[]).every((kind) => page.includes(quietWork[kind])));
  });

  it("floods with packets of which none is the retransmission of another, and with hashes that are taken", () => {
    const lane = laneOf("127.0.0.9", "a secret of the equipment", "run");
    for (const kind of ["nobody", "starts", "interims"] as const) {
      const packets = floodPackets(kind, lane, 0.1);
      assert.equal(new Set(packets.map((bytes) => bytes.toString("latin1"))).size, packets.length, kind);
    }
    assert.match(dearHash(1_999), /^\$6\$rounds=200000\$[./0-9A-Za-z]{8}\$[./0-9A-Za-z]{86}$/);
  });
});
