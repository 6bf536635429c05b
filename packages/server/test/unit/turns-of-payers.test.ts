import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PostgresPool } from "kysely";
import { TurnsOfPayers } from "../../src/kernel/turns-of-payers.ts";
import { roomsOf } from "../../src/modules/network/disconnects/request-dispatcher.ts";
import { createDecisionBuffer } from "../../src/modules/network/network-access/access-journal.service.ts";
import { createPlaces } from "../../src/storage/dialects/postgres-places.ts";
import { Writer } from "../../src/storage/writer.ts";

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

describe("turns of payers", () => {
  it("let all of a neighbour's small pieces go before the second large one of a flood", () => {
    const turns = new TurnsOfPayers<string>();
    for (const name of names("array", 100)) turns.push("flood", name);
    const order: string[] = [];
    const serve = () => {
      const { payer, item } = turns.take()!;
      order.push(item);
      turns.charge(payer, payer === "flood" ? 45 : 1);
    };
    serve();
    for (const name of names("small", 16)) turns.push("neighbour", name);
    while (turns.length > 80) serve();
    assert.deepEqual(order.slice(0, 18), ["array1", ...names("small", 16), "array2"]);
  });

  it("keep the order of each payer, and nobody waits for ever", () => {
    const turns = new TurnsOfPayers<string>();
    for (const name of names("a", 3)) turns.push("a", name);
    for (const name of names("b", 3)) turns.push("b", name);
    turns.push("c", "c1");
    const order: string[] = [];
    for (let taken = turns.take(); taken !== undefined; taken = turns.take()) {
      order.push(taken.item);
      turns.charge(taken.payer, 1);
    }
    assert.deepEqual(order, ["a1", "b1", "c1", "a2", "b2", "a3", "b3"]);
    assert.equal(turns.take(), undefined);
  });

  it("owe what was too much while anybody waits, and save nothing up", () => {
    const turns = new TurnsOfPayers<string>();
    turns.push("debtor", "dear");
    turns.push("other", "o1");
    turns.charge(turns.take()!.payer, 100);
    turns.push("debtor", "again");
    for (const name of names("p", 20)) turns.push("other", name);
    const order: string[] = [];
    for (let taken = turns.take(); taken !== undefined; taken = turns.take()) {
      order.push(taken.item);
      turns.charge(taken.payer, 1);
    }
    assert.equal(order.at(-1), "again");
  });
});

describe("the queue of units that write to SQLite", () => {
  it("serves a neighbour's unit after one array of a flood, and all that waits of it", async () => {
    let nowMs = 0;
    const nothing = { execute() {}, pause: () => undefined, flush: async () => {}, isBusy: () => false, inTransaction: () => false };
    const writer = new Writer(nothing, { busy: () => new Error("busy"), notKept: () => new Error("not kept") }, () => nowMs);
    const order: string[] = [];
    const unit = (name: string, tookMs: number) => async () => {
      nowMs += tookMs;
      order.push(name);
    };
    const flood = names("array", 50).map((name) => writer.run(unit(name, 45), "flood"));
    const small = names("small", 10).map((name) => writer.run(unit(name, 0.2), "neighbour"));
    await Promise.all([...flood, ...small]);
    assert.deepEqual(order.slice(0, 12), ["array1", ...names("small", 10), "array2"]);
    assert.equal(order.length, 60);
  });
});

describe("the connections of units on PostgreSQL", () => {
  const poolOf = () => ({ connect: async () => ({ release() {} }), end: async () => {} }) as unknown as PostgresPool;

  it("are never all of one payer, and are taken in turns", async () => {
    const places = createPlaces(poolOf(), 4, 60_000);
    const order: string[] = [];
    const holding: string[] = [];
    const take = async (payer: string, name: string) => {
      await places.take(payer);
      order.push(name);
      holding.push(payer);
    };
    const flood = names("array", 20).map((name) => take("flood", name));
    await Promise.all(flood.slice(0, 3));
    assert.deepEqual([order, places.waiting], [names("array", 3), 17]);
    const small = names("small", 3).map((name) => take("neighbour", name));
    await small[0];
    assert.equal(order.at(-1), "small1", "one place was kept");
    places.leave(holding.pop()!, performance.now());
    await small[1];
    assert.equal(order.at(-1), "small2", "it is the neighbour's again");
    places.leave(holding.shift()!, performance.now() - 1_000);
    await small[2];
    assert.deepEqual(order.slice(3), ["small1", "small2", "small3"], "an array that has ended lets the neighbour go first");
    while (holding.length > 0) {
      places.leave(holding.shift()!, performance.now());
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all([...flood, ...small]);
    assert.deepEqual([order.length, places.waiting], [23, 0]);
  });

  it("are waited for no longer than the patience is", async () => {
    const places = createPlaces(poolOf(), 1, 5);
    await places.take("one");
    await assert.rejects(places.take("other"), /wait for a connection/);
    places.leave("one", performance.now());
    await places.take("third");
  });

  it("come back when none could be had", async () => {
    const failing = { connect: async () => Promise.reject(new Error("gone")), end: async () => {} } as unknown as PostgresPool;
    const places = createPlaces(failing, 1, 60_000);
    for (let asked = 0; asked < 3; asked += 1) await assert.rejects(places.take("one"), /gone/);
  });
});

describe("the places for orders to equipment", () => {
  it("leave a quarter to others, share the rest evenly, and give nobody the last ones", () => {
    assert.deepEqual([...roomsOf(new Set(["flood"]), new Map(), 256)], [["flood", 192]]);
    assert.deepEqual([...roomsOf(new Set(["flood", "other"]), new Map([["flood", 192]]), 64)], [["other", 48]]);
    const even = roomsOf(new Set(["a", "b"]), new Map(), 256);
    assert.ok(Math.abs(even.get("a")! - even.get("b")!) <= 1);
    assert.equal(roomsOf(new Set(["flood"]), new Map([["flood", 192]]), 64).get("flood"), undefined);
    const many = roomsOf(new Set(names("t", 400)), new Map(), 256);
    assert.equal(
      [...many.values()].reduce((sum, room) => sum + room, 0),
      256,
    );
  });
});

describe("the room for traces", () => {
  it("is full of a flood, and keeps the traces of others", () => {
    const room = createDecisionBuffer(10, String);
    const rowOf = (organization_id: number) => ({ organization_id }) as Parameters<typeof room.add>[0];
    let lost = 0;
    for (let made = 0; made < 100; made += 1) lost += room.add(rowOf(1));
    assert.deepEqual([lost, room.size], [90, 10]);
    for (let made = 0; made < 3; made += 1) lost += room.add(rowOf(2));
    assert.deepEqual([lost, room.rows().filter((row) => row.organization_id === 2).length, room.rows().length], [93, 3, 10]);
  });
});
