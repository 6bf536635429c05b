import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { listen } from "../support/raw-exchange.ts";
import { fullToken, onEachDatabase, type World } from "../support/world.ts";

const auth = `Authorization: Bearer ${fullToken}\r\n`;
const host = "Host: gate.example.com\r\n";
const json = "Content-Type: application/json\r\n";
const bodyBytes = 8_000_000;
const length = `Content-Length: ${bodyBytes}\r\n`;
const chunked = "Transfer-Encoding: chunked\r\n";

/** Requests whose whole body is sent, whatever the answer is: each with the status that it gets before. */
const refused: readonly (readonly [what: string, head: string, status: number])[] = [
  ["nobody", `POST /api/v1/user/ HTTP/1.1\r\n${host}${json}${length}`, 401],
  ["nobody, in chunks", `POST /api/v1/user/ HTTP/1.1\r\n${host}${json}${chunked}`, 401],
  ["more than an operation takes", `POST /api/v1/api_token/ HTTP/1.1\r\n${host}${auth}${json}${length}`, 413],
  ["more than an operation takes, in chunks", `POST /api/v1/api_token/ HTTP/1.1\r\n${host}${auth}${json}${chunked}`, 413],
  ["a depth that is refused", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}${length}`, 400],
  ["a type that is none", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}Content-Type: text/plain\r\n${length}`, 415],
  ["a path that is none", `POST /api/v1/nothing/ HTTP/1.1\r\n${host}${auth}${json}${length}`, 404],
  ["a path outside of the API", `POST /nothing HTTP/1.1\r\n${host}${json}${length}`, 404],
  ["a method that is none", `PUT /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}${length}`, 405],
  ["what the parser refuses", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}${length}Content-Length: 3\r\n`, 400],
  ["an expectation of another kind", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}${length}Expect: tea\r\n`, 417],
  ["a body where none is read", `GET /api/v1/user/42/ HTTP/1.1\r\n${host}${auth}${length}`, 200],
];

const inChunks = (piece: Buffer): Buffer => Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);

onEachDatabase("a request that is answered while its body is sent", (open) => {
  let world: World;
  let port: number;
  before(async () => {
    world = await open();
    port = await listen(world);
  });
  after(() => world.close());

  for (const [what, head, status] of refused) {
    it(`has its answer, and no broken connection: ${what}`, async () => {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      const broken: Error[] = [];
      socket.on("error", (error) => broken.push(error));
      await once(socket, "connect");
      socket.write(`${head}\r\n`);
      const piece = Buffer.alloc(80_000, what.startsWith("more") ? " " : "[");
      // As plain clients do, it sends to its end before it reads, and finds a connection that the server has done with.
      for (let sent = 0; sent < bodyBytes && broken.length === 0; sent += piece.length) {
        const isTaken = socket.write(head.includes(chunked) ? inChunks(piece) : piece);
        if (!isTaken) await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => {});
        if (sent % 800_000 === 0) await pause(10);
      }
      assert.deepEqual(broken, []);
      const answer = await text(socket);
      socket.end();
      assert.deepEqual(broken, []);
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(answer, /\r\nconnection: close/i);
      const [, body = ""] = answer.split("\r\n\r\n");
      assert.ok(JSON.parse(body), "it is whole");
    });
  }

  it("is answered to fetch, too", async () => {
    for (const [path, headers, status] of [
      ["/user/", {}, 401],
      ["/api_token/", { authorization: `Bearer ${fullToken}` }, 413],
    ] as const) {
      for (let round = 0; round < 10; round += 1) {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: Buffer.alloc(bodyBytes, " "),
        });
        assert.deepEqual([answer.status, ((await answer.json()) as { status: number }).status], [status, status]);
      }
    }
  });

  it("keeps its connection no longer than it sends, and not for a process that ends", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.resume();
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(`POST /api/v1/user/ HTTP/1.1\r\n${host}${json}${length}\r\n[`);
    await once(socket, "end");
    const startedAt = performance.now();
    await world.close();
    assert.ok(performance.now() - startedAt < 9_000, "the other side still holds its half open");
    socket.destroy();
    world = await open();
    port = await listen(world);
  });
});
