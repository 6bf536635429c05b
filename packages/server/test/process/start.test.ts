import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { type Served, serveProgram } from "../support/program.ts";

describe("npm start on a machine that has nothing yet", () => {
  let directory: string;
  let server: Served;
  let token: string;

  const start = () => serveProgram({ GATEHOUSE_DATA_DIR: join(directory, "data") }, ["serve", "--demo"]);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-start-"));
    server = await start();
  });
  after(async () => {
    await server.end("SIGKILL");
    await rm(directory, { recursive: true, force: true });
  });

  it("prints a curl line that works as it stands", async () => {
    const [, header, url] = /curl -H "Authorization: (Bearer \S+)" "([^"]+)"/.exec(server.output())!;
    token = header!.slice("Bearer ".length);
    assert.match(token, /^gate_[0-9A-Za-z]{46}$/);
    const answer = await fetch(url!, { headers: { authorization: header! } });
    assert.equal(answer.status, 200);
    const body = (await answer.json()) as { count: number; results: { username: string }[] };
    assert.deepEqual([body.count, body.results[0]!.username], [5, "john_doe"]);
  });

  it("prints URLs that answer", async () => {
    const urls = [...server.output().matchAll(/(?:Swagger|Health) +(http\S+)/g)].map((match) => match[1]!);
    assert.equal(urls.length, 2);
    for (const url of [...urls, `${server.address}/readyz`, `${server.address}/api/v1/openapi.json`])
      assert.equal((await fetch(url)).status, 200, url);
  });

  it("keeps its key and its data to the owner", async () => {
    assert.equal((await stat(join(directory, "data"))).mode & 0o777, 0o700);
    assert.equal((await stat(join(directory, "data/secret.key"))).mode & 0o777, 0o600);
  });

  it("logs no token and no password", async () => {
    const made = await server.request("POST", "/user/", token, { username: "kept", password: "correct-horse" });
    assert.equal(made.status, 201);
    // Lines wait for others, half a second at most.
    const written = () =>
      server
        .output()
        .split("\n")
        .filter((line) => line.startsWith("{"));
    await eventually("the request has its line", () => written().some((line) => line.includes('"user_create"')));
    const log = written();
    assert.ok(!log.some((line) => line.includes(token) || line.includes("correct-horse")));
  });

  it("ends cleanly on SIGTERM, and answers what it had begun", async () => {
    const calls = Array.from({ length: 20 }, (_, index) =>
      server.request("PATCH", "/user_token/1/", token, { description: `last words ${index}` }),
    );
    const first = await Promise.race(calls);
    assert.equal(first.status, 200);
    const ended = await server.end("SIGTERM");
    assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, ""]);
    for (const call of await Promise.allSettled(calls)) {
      if (call.status === "fulfilled") assert.ok([200, 503].includes(call.value.status));
    }
  });

  it("keeps its data at the next start, and shows no token again", async () => {
    server = await start();
    assert.doesNotMatch(server.output(), /gate_/);
    assert.match(server.output(), /Bearer <your token>/);
    const answer = await server.request("GET", "/user/username/kept/", token);
    assert.equal(answer.status, 200);
  });
});

describe("a start with a token of one's own", () => {
  it("takes it, and does not print it", async () => {
    const directory = await mkdtemp(join(tmpdir(), "gatehouse-start-"));
    const bootstrap = "bootstrap-token-that-is-long-enough-0123456789==";
    const server = await serveProgram({ GATEHOUSE_DATA_DIR: directory, GATEHOUSE_BOOTSTRAP_TOKEN: bootstrap });
    try {
      assert.ok(!server.output().includes(bootstrap));
      const answer = await server.request("GET", "/user/", bootstrap);
      assert.equal(answer.status, 200);
      assert.equal(((await answer.json()) as { count: number }).count, 0, "no demo world unless asked for");
    } finally {
      assert.equal((await server.end("SIGINT")).code, 0);
      await rm(directory, { recursive: true, force: true });
    }
  });
});
