import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { exchange, listen } from "../support/raw-exchange.ts";
import { fullToken, onEachDatabase, type World } from "../support/world.ts";

/** The same bytes each time; set TEST_FUZZ_SEED and TEST_FUZZ_RUNS to look elsewhere and longer. */
const seed = Number(process.env["TEST_FUZZ_SEED"] ?? 20_261_130);
const runs = Number(process.env["TEST_FUZZ_RUNS"] ?? 300);
const hostile = [
  "\r\n",
  "\n",
  "\0",
  ":",
  " ",
  "%",
  "%00",
  "..",
  "/",
  "\\",
  "\xff",
  "{",
  "[",
  '"',
  "0",
  "-1",
  "9999999999",
  "chunked",
  ", ",
  "",
  "\r\nHost: b\r\n",
];

const auth = `Authorization: Bearer ${fullToken}\r\n`;
const host = "Host: gate.example.com\r\n";
const end = "Connection: close\r\n\r\n";
const json = "Content-Type: application/json\r\n";

/** What a parser of HTTP refuses, each with the status that it means. */
const refused: readonly (readonly [what: string, bytes: string | Buffer, status: number])[] = [
  ["raw UTF-8 in the URL", Buffer.from(`GET /api/v1/user/username/jos\u00e9/ HTTP/1.1\r\n${host}${auth}${end}`), 400],
  ["a space in the URL", `GET /api/v1/user /x HTTP/1.1\r\n${host}${auth}${end}`, 400],
  ["headers that are too large", `GET /api/v1/user/ HTTP/1.1\r\n${host}X: ${"x".repeat(20_000)}\r\n${end}`, 431],
  ["a URL that is too long", `GET /api/v1/user/?username=${"x".repeat(20_000)} HTTP/1.1\r\n${host}${end}`, 431],
  [
    "a length beside chunks",
    `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ["two lengths", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
  ["a length below zero", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}Content-Length: -1\r\n\r\n`, 400],
  ["an unknown transfer encoding", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}Transfer-Encoding: gzip\r\n\r\n{}`, 400],
  ["a chunk without a size", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`, 400],
  ["no host", `GET /api/v1/user/ HTTP/1.1\r\n${auth}${end}`, 400],
  ["two hosts", `GET /api/v1/user/ HTTP/1.1\r\n${host}Host: b\r\n${auth}${end}`, 400],
  ["two tokens", `GET /api/v1/user/ HTTP/1.1\r\n${host}${auth}Authorization: Bearer other\r\n${end}`, 400],
  ["an expectation of another kind", `GET /api/v1/user/ HTTP/1.1\r\n${host}${auth}Expect: tea\r\n${end}`, 417],
  ["no method", `!! /api/v1/user/ HTTP/1.1\r\n${host}${end}`, 400],
  ["an unknown method", `FETCH /api/v1/user/ HTTP/1.1\r\n${host}${end}`, 400],
  ["no version", `GET /api/v1/user/ HTTP/9.9\r\n${host}${end}`, 400],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["TLS", Buffer.from("160301020001000001fc0303", "hex"), 400],
  ["a tunnel", `CONNECT gate.example.com:443 HTTP/1.1\r\n${host}\r\n`, 405],
  ["a header without a name", `GET /api/v1/user/ HTTP/1.1\r\n${host}: x\r\n${end}`, 400],
  ["a control character in a header", `GET /api/v1/user/ HTTP/1.1\r\n${host}X: a\u0001b\r\n${end}`, 400],
  ["bytes beyond ASCII in a token", Buffer.from(`GET /api/v1/user/ HTTP/1.1\r\n${host}Authorization: Bearer jos\u00e9\r\n${end}`), 401],
  ["a broken percent-encoding", `GET /api/v1/user/%zz/ HTTP/1.1\r\n${host}${auth}${end}`, 400],
  ["a NUL in the path", `GET /api/v1/user/username/%00/ HTTP/1.1\r\n${host}${auth}${end}`, 404],
  ["a way out of the pages", `GET /swagger/static/../x HTTP/1.1\r\n${host}${end}`, 404],
  ["an encoded way out of the pages", `GET /swagger/static/%2e%2e/%2e%2e/package.json HTTP/1.1\r\n${host}${end}`, 404],
  ["another way out of the pages", `GET /swagger/static/..%5c..%5cx HTTP/1.1\r\n${host}${end}`, 404],
  ["a NUL in the pages", `GET /swagger/static/%00 HTTP/1.1\r\n${host}${end}`, 404],
  ["broken encoding in the pages", `GET /swagger/static/%zz HTTP/1.1\r\n${host}${end}`, 400],
  ["two slashes", `GET //api/v1/user/ HTTP/1.1\r\n${host}${auth}${end}`, 404],
  ["an asterisk", `GET * HTTP/1.1\r\n${host}${auth}${end}`, 400],
  ["a packed body", `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}Content-Encoding: gzip\r\nContent-Length: 2\r\n${end}{}`, 415],
  [
    "a body in UTF-16",
    `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}Content-Type: application/json; charset=utf-16\r\nContent-Length: 2\r\n${end}{}`,
    415,
  ],
];

onEachDatabase("what no route sees is answered by a problem document", (open) => {
  let world: World;
  let port: number;
  before(async () => {
    world = await open();
    port = await listen(world);
  });
  after(() => world.close());

  for (const [what, bytes, status] of refused) {
    it(what, async () => {
      const answer = await exchange(port, [bytes]);
      const [head, body] = answer.split("\r\n\r\n") as [string, string];
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), answer);
      assert.match(head, /\r\ncontent-type: application\/problem\+json/i);
      assert.match(head, /\r\nx-content-type-options: nosniff/i);
      assert.match(head, /\r\nconnection: close/i);
      const problem = JSON.parse(body);
      assert.equal(problem.status, status);
      assert.ok(problem.detail && problem.request_id);
      assert.ok(!answer.includes(fullToken));
    });
  }

  it("HTTP/1.0 without a host is served", async () => {
    assert.match(await exchange(port, ["GET /readyz HTTP/1.0\r\n\r\n"]), /^HTTP\/1\.1 200 /);
  });

  it("answers of one connection keep their order", async () => {
    const answer = await exchange(port, [`GET /api/v1/user/42/ HTTP/1.1\r\n${host}${auth}\r\nGET /\u00e9 HTTP/1.1\r\n\r\n`]);
    assert.deepEqual(
      [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status),
      ["200", "400"],
    );
  });

  it("nothing of a body is asked for or read after a refusal", async () => {
    const head = `POST /api/v1/user/ HTTP/1.1\r\n${host}${json}Content-Length: 1000000\r\nExpect: 100-continue\r\n`;
    const nobody = await exchange(port, [`${head}\r\n`]);
    assert.match(nobody, /^HTTP\/1\.1 401 /);
    assert.match(nobody, /\r\nconnection: close/i);
    const large = await exchange(port, [`${head.replace("1000000", "9000000")}${auth}\r\n`]);
    assert.match(large, /^HTTP\/1\.1 413 /);
    const slow = await exchange(port, [`POST /api/v1/user/ HTTP/1.1\r\n${host}${json}Content-Length: 1000000\r\n\r\n{`]);
    assert.match(slow, /^HTTP\/1\.1 401 /);
    const got = await exchange(port, [`GET /api/v1/user/42/ HTTP/1.1\r\n${host}${auth}Content-Length: 1000000\r\n\r\n{`]);
    assert.match(got, /^HTTP\/1\.1 200 [\s\S]*\r\nconnection: close/i);
    const deleted = await exchange(port, [
      `DELETE /api/v1/user/999999/ HTTP/1.1\r\n${host}${auth}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
    ]);
    assert.match(deleted, /^HTTP\/1\.1 404 [\s\S]*\r\nconnection: close/i);
  });

  it("a body that is expected is asked for and read", async () => {
    const body = JSON.stringify({ username: "asked_to_continue" });
    const answer = await exchange(port, [
      `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}Content-Length: ${body.length}\r\nExpect: 100-continue\r\n${end}`,
      body,
    ]);
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });

  it("bytes of any kind are served or refused, and never break anything", async () => {
    const body = JSON.stringify({ username: "fuzzed", preferences: [1, "\u00e9"] });
    const samples = [
      `GET /api/v1/user/?limit=2 HTTP/1.1\r\n${host}${auth}If-None-Match: "1.2"\r\n${end}`,
      `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}Content-Length: ${Buffer.byteLength(body)}\r\n${end}${body}`,
      `PATCH /api/v1/user/42/ HTTP/1.1\r\n${host}${auth}${json}Transfer-Encoding: chunked\r\n${end}9\r\n{"klass":\r\n4\r\n"x"}\r\n0\r\n\r\n`,
      `GET /swagger/static/index.html HTTP/1.1\r\n${host}Forwarded: for="[::1]:1";proto=https\r\nExpect: 100-continue\r\n${end}`,
    ];
    const bytesAt = (state: { value: number }) => {
      state.value = (Math.imul(state.value, 1_664_525) + 1_013_904_223) >>> 0;
      return state.value / 2 ** 32;
    };
    const state = { value: seed };
    for (let run = 0; run < runs; run += 1) {
      const bytes = Buffer.from(samples[run % samples.length]!);
      let mutated = bytes;
      for (let change = 0; change <= bytesAt(state) * 4; change += 1) {
        const at = Math.floor(bytesAt(state) * mutated.length);
        const piece = hostile[Math.floor(bytesAt(state) * hostile.length)]!;
        mutated = Buffer.concat([
          mutated.subarray(0, at),
          Buffer.from(piece, "latin1"),
          mutated.subarray(at + Math.floor(bytesAt(state) * 3)),
        ]);
      }
      const answer = await exchange(port, [mutated], true);
      for (const [, status] of answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
        assert.ok(Number(status) < 500 || status === "503", `${JSON.stringify(mutated.toString("latin1"))}\n${answer}`);
      }
    }
    assert.equal((await world.get("/user/42/")).status, 200);
  });

  it("depth is judged while the body comes", async () => {
    const head = `POST /api/v1/user/ HTTP/1.1\r\n${host}${auth}${json}Content-Length: 8000000\r\n\r\n`;
    const answer = await exchange(port, [head, "[".repeat(101)]);
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*100 levels/, "long before the rest of it");
  });
});
