import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { operations } from "@gatehouse-aaa/contract";
import type { FastifyRequest } from "fastify";
import { createBodyMemory } from "../../src/http/body-memory.ts";
import { createBodyReader, maxRows, maxValues, scanned } from "../../src/http/body-reader.ts";
import { readJsonBody } from "../../src/http/json-body.ts";
import { DomainError } from "../../src/kernel/errors.ts";

const op = operations.userCreate;
const refusal = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;
const requestOf = (payer: string, headers: Record<string, string> = {}) =>
  ({
    raw: {},
    headers,
    caller: { scope: { payer } },
    routeOptions: { config: { operation: op }, bodyLimit: 8 * 1024 * 1024 },
  }) as unknown as FastifyRequest;

describe("the memory for bodies", () => {
  it("has an end for one payer and for all, and comes back", () => {
    const memory = createBodyMemory(400_000);
    const first = memory.hold("1");
    first.grow(90_000);
    memory.hold("1").grow(10_000);
    assert.throws(() => memory.hold("1").grow(20_000), refusal("server.unavailable"));
    const others = ["2", "3", "4"].map((payer) => memory.hold(payer));
    for (const other of others) other.grow(100_000);
    assert.throws(() => memory.hold("5").grow(20_000), refusal("server.unavailable"));
    memory.hold("5").grow(16_000);
    for (const held of [first, ...others]) held.release();
    first.release();
    assert.equal(memory.held, 0);
    memory.hold("1").grow(100_000);
  });
});

describe("a body that is read", () => {
  it("is given up when it stands still or drips, and holds nothing then", async () => {
    for (const limits of [
      { memory: 1e6, stalledMs: 50, settledMs: 1e6 },
      { memory: 1e6, stalledMs: 400, settledMs: 100 },
    ]) {
      const reader = createBodyReader(limits);
      const payload = new PassThrough();
      const reading = reader.read(requestOf("1"), payload);
      const dripping = setInterval(() => payload.write(" "), 100);
      payload.write(Buffer.alloc(20_000, 0x20));
      if (limits.stalledMs === 50) clearInterval(dripping);
      else payload.write("");
      await assert.rejects(
        limits.stalledMs === 50
          ? reading
          : Promise.race([reading, new Promise((_, reject) => setTimeout(reject, 60_000, new Error("never")).unref())]),
        refusal("request.timeout"),
      );
      clearInterval(dripping);
      assert.equal(reader.memory.held, 0);
      reader.close();
    }
  });

  it("is refused in the middle by size and by a connection that ends", async () => {
    const reader = createBodyReader({ memory: 1e6, stalledMs: 60_000, settledMs: 60_000 });
    const tooMuch = new PassThrough();
    const refused = assert.rejects(reader.read(requestOf("1"), tooMuch), refusal("server.unavailable"));
    tooMuch.write(Buffer.alloc(300_000, 0x20));
    await refused;
    const cut = new PassThrough();
    const ended = assert.rejects(reader.read(requestOf("1"), cut), refusal("request.malformed"));
    cut.write(Buffer.alloc(100_000, 0x20));
    cut.destroy();
    await ended;
    await assert.rejects(reader.read(requestOf("1", { "content-length": "9000000" }), new PassThrough()), refusal("body.too_large"));
    assert.equal(reader.memory.held, 0);
    reader.close();
  });
});

describe("bodies of one payer", () => {
  it("count together, whichever of its organizations sends them", async () => {
    const reader = createBodyReader({ memory: 1e6, stalledMs: 60_000, settledMs: 60_000 });
    const first = new PassThrough();
    const reading = reader.read(requestOf("2"), first);
    first.write(Buffer.alloc(200_000, 0x20));
    while (reader.memory.held < 200_000) await new Promise((resolve) => setImmediate(resolve));
    const second = new PassThrough();
    const refused = assert.rejects(reader.read(requestOf("2"), second), refusal("server.unavailable"));
    second.write(Buffer.alloc(100_000, 0x20));
    await refused;
    const beside = new PassThrough();
    const read = reader.read(requestOf("5"), beside);
    beside.end(Buffer.alloc(100_000, 0x20));
    assert.equal((await read).raw.length, 100_000);
    first.end();
    await reading;
    reader.close();
  });
});

describe("a JSON text", () => {
  it("is counted before it is parsed, wherever its pieces are cut", () => {
    const text = Buffer.from('[{"a\\"[{":["\\\\",{"b":"]"}]},{"a":1}]');
    for (let cut = 0; cut <= text.length; cut += 1) {
      const scan = scanned(text.subarray(0, cut), op);
      scan.feed(text.subarray(cut));
      assert.equal(scan.fields, 3);
    }
  });

  it("has an end of levels, rows and values", () => {
    assert.throws(() => scanned(Buffer.from("[".repeat(101)), op), refusal("request.malformed"));
    scanned(Buffer.from("[]".repeat(101)), op);
    const rows = (count: number) => Buffer.from(`[${Array(count).fill('{"a":[1,2]}').join(",")}]`);
    scanned(rows(maxRows), op);
    assert.throws(() => scanned(rows(maxRows + 1), op), refusal("body.too_large"));
    assert.throws(() => scanned(Buffer.from(`[{"a":[${"1,".repeat(maxValues)}1]}]`), op), refusal("body.too_large"));
  });

  it("has each field of an object once", () => {
    for (const twice of ['{"password":"a","password":"b"}', '{"x":[{"a":1,"\\u0061":1}]}', '[{"id":1},{"id":2,"id":3}]']) {
      assert.throws(() => readJsonBody(Buffer.from(twice), op), refusal("request.malformed"), twice);
    }
    assert.deepEqual(readJsonBody(Buffer.from('[{"a:":{"a":":"}},{"a":null}]'), op), [{ "a:": { a: ":" } }, { a: null }]);
  });
});
