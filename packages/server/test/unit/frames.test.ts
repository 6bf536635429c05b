import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { it } from "node:test";
import fc from "fast-check";
import { createReceiver, createSender } from "../../src/handover/frames.ts";

/** A frame as the sender writes it. */
const frameOf = (messages: readonly unknown[]): Buffer => {
  const body = Buffer.from(JSON.stringify(messages));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
};

it("messages arrive whole and in order, wherever the stream is cut", () => {
  const frames = fc.array(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (batches, cuts) => {
      const sent = batches.map((batch) => JSON.parse(JSON.stringify(batch)) as unknown[]);
      const bytes = Buffer.concat(sent.map(frameOf));
      const received: unknown[] = [];
      const receive = createReceiver((message) => received.push(message));
      for (let start = 0, index = 0; start < bytes.length; index += 1) {
        const length = cuts[index % cuts.length]!;
        receive(bytes.subarray(start, start + length));
        start += length;
      }
      assert.deepEqual(received, sent.flat());
    }),
  );
});

it("what one turn sends travels as one frame, however long", async () => {
  const received: unknown[] = [];
  let chunks = Buffer.alloc(0);
  const server = createServer((socket) => {
    const receive = createReceiver((message) => received.push(message));
    socket.on("data", (chunk: Buffer) => {
      chunks = Buffer.concat([chunks, chunk]);
      receive(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket: Socket = connect((server.address() as { port: number }).port, "127.0.0.1");
  await once(socket, "connect");
  const send = createSender(socket);
  const long = "ü".repeat(300_000);
  for (const message of [1, { long }, "three"]) send(message);
  await new Promise((resolve) => setImmediate(resolve));
  socket.end();
  await once(socket, "close");
  server.close();
  await once(server, "close");
  assert.deepEqual(received, [1, { long }, "three"]);
  assert.equal(chunks.readUInt32BE(0), chunks.length - 4);
});
