import assert from "node:assert/strict";
import { once } from "node:events";
import { statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { allOperations } from "@gatehouse-aaa/contract";
import type { App } from "../../src/composition/app.ts";
import { hashToken } from "../../src/modules/foundation/api-tokens/index.ts";
import { eventually } from "../support/eventually.ts";
import { leastPayload, type Paths, pathsIn } from "../support/operations.ts";
import { giveToken } from "../support/planted-tenants.ts";
import { openReadingWorker, writerSocketOf } from "../support/reading-worker.ts";
import { fullToken, openWorld, type World } from "../support/world.ts";

const writes = allOperations.filter((op) => op.method !== "GET");

describe("a worker that reads, beside one that writes", () => {
  let world: World;
  let paths: Paths;
  before(async () => {
    world = await openWorld("sqlite", { throughReader: true });
    paths = await pathsIn(world);
  });
  after(() => world.close());

  const handed = async () => {
    const { body } = await world.get("/metrics");
    return Number(/^gatehouse_handed_writes_total (\d+)$/m.exec(body)![1]);
  };

  // Deletions come last: the other operations need their records.
  for (const op of writes.toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"))) {
    it(`hands over ${op.operationId}, and shows its answer`, async () => {
      const count = await handed();
      const path = paths.get(op.operationId)!;
      const answer = await world.request(op.method, path, op.body ? { body: leastPayload(op) } : {});
      // Examples may name what exists already or does not exist: then the writer's refusal is the answer.
      assert.ok(answer.status < 500, JSON.stringify(answer.body));
      assert.equal(await handed(), count + 1);
    });
  }

  it("shows the writer's answer with its tag and place, and reads what was written", async () => {
    const made = await world.post("/user/", { username: "handed.over", first_name: "Zoë" });
    assert.equal(made.status, 201);
    assert.equal(made.headers["location"], `/api/v1/user/${made.body.id}/`);
    const read = await world.get(`/user/${made.body.id}/`);
    assert.deepEqual(read.body, made.body);
    assert.equal(read.headers["etag"], made.headers["etag"]);
    const changed = await world.patch(
      `/user/${made.body.id}/`,
      { first_name: "Ann" },
      { headers: { "if-match": String(made.headers["etag"]) } },
    );
    assert.equal(changed.body.first_name, "Ann");
    const late = await world.patch(
      `/user/${made.body.id}/`,
      { first_name: "Eve" },
      { headers: { "if-match": String(made.headers["etag"]) } },
    );
    assert.deepEqual([late.status, late.body.code], [412, "record.version_mismatch"]);
    const merged = await world.patch(
      `/user/${made.body.id}/`,
      { aaa_profile: { access_level: null } },
      { headers: { "content-type": "application/merge-patch+json" } },
    );
    assert.equal(merged.status, 200);
  });

  it("shows the writer's refusals with every field", async () => {
    const answer = await world.post("/user/", { username: "john_doe", organization: "nowhere", email: "no mail" });
    assert.equal(answer.status, 400);
    assert.deepEqual(
      Object.keys(answer.body.errors).sort(),
      ["email", "organization", "username"],
      "the schema's and the other records' together",
    );
    const taken = await world.post("/user/", { username: "john_doe" });
    assert.deepEqual([taken.status, Object.keys(taken.body.errors)], [400, ["username"]]);
  });

  it("says after how many seconds trying again can help, as the writer does", async () => {
    const login = { username: "john_doe", password: "wrong", device_id: "guessing" };
    for (let index = 0; index < 10; index += 1) {
      assert.equal((await world.post("/device_app_user_authenticate/", { ...login, password: `wrong ${index}` })).status, 400);
    }
    const asked = Array.from({ length: 8 }, (_, index) => ({ ...login, password: `at once ${index}` }));
    const answers = await Promise.all(asked.map((body) => world.post("/device_app_user_authenticate/", body)));
    const paused = answers.filter(({ status }) => status === 429);
    assert.ok(paused.length > 0, "who waits longer than equipment does is told to come again");
    for (const { headers } of paused) assert.match(String(headers["retry-after"]), /^[1-3]$/);
  });

  it("has the writer stop an array whose client has hung up", async () => {
    const reader = await openReadingWorker(world.config);
    const address = await reader.http.listen({ host: "127.0.0.1", port: 0 });
    const rows = Array.from({ length: 1000 }, (_, index) => ({ username: `hung-up-${index}`, password: `password ${index}` }));
    const request = httpRequest(`${address}/api/v1/user_token/`, {
      method: "POST",
      headers: { authorization: `Bearer ${fullToken}`, "content-type": "application/json" },
    });
    request.on("error", () => {});
    request.end(JSON.stringify(rows));
    const waiting = async () => {
      const { body } = await reader.http.inject({ url: "/metrics", headers: { authorization: `Bearer ${fullToken}` } });
      return Number(/^gatehouse_handed_writes_waiting (\d+)$/m.exec(body)![1]);
    };
    await eventually("the array is with the writer", async () => (await waiting()) === 1);
    request.destroy();
    await eventually("the array has ended", async () => (await waiting()) === 0);
    assert.equal((await world.get("/user/username/hung-up-0/")).status, 404);
    await reader.close();
  });

  it("cannot write, whatever it is asked", async () => {
    const reader = await openReadingWorker(world.config);
    const row = { noun: "user", next_id: 1 };
    await assert.rejects(
      reader.database.write((handle) => handle.insertInto("id_block").values(row).execute()),
      /reads only/,
    );
    await assert.rejects(
      reader.database.reader
        .insertInto("id_block")
        .values({ ...row, noun: "x" })
        .execute(),
      /readonly|locked|database/,
    );
    assert.equal((await world.app.database.reader.selectFrom("id_block").selectAll().where("noun", "=", "x").execute()).length, 0);
    await reader.close();
  });

  it("opens its socket to its own user alone", () => {
    assert.equal(statSync(writerSocketOf(world.config)).mode & 0o777, 0o600);
  });

  it("asks the writer who a token is: one that was revoked a moment ago writes nothing", async () => {
    const token = await giveToken(world, { scopes: ["user:write", "user:read"] });
    assert.equal((await world.get("/user/", { token })).status, 200, "the reading worker remembers it now");
    await world.app.database.write((handle) =>
      handle.updateTable("api_token").set({ revoked_at: 1 }).where("token_hash", "=", hashToken(token)).execute(),
    );
    assert.equal((await world.post("/user/", { username: "by.token" }, { token })).status, 401);
    assert.equal((await world.get("/user/username/by.token/")).status, 404);
  });

  it("hands over when tokens were used", async () => {
    const token = await giveToken(world, { scopes: ["user:read"] });
    const reader = await openReadingWorker(world.config);
    const answer = await reader.http.inject({ url: "/api/v1/user/", headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.statusCode, 200);
    await reader.close();
    const used = async () =>
      (
        await world.app.database.reader
          .selectFrom("api_token")
          .select("last_used_at")
          .orderBy("id", "desc")
          .limit(1)
          .executeTakeFirstOrThrow()
      ).last_used_at;
    for (let waitedMs = 0; (await used()) === null && waitedMs < 5_000; waitedMs += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok((await used())! > 0);
  });
});

describe("a worker whose writer dies", () => {
  let world: World;
  let reader: App;
  let dying: Server;
  const sockets = new Set<Socket>();
  before(async () => {
    world = await openWorld("sqlite");
    // Takes a write and dies of it.
    dying = createServer((socket) => {
      sockets.add(socket);
      socket.on("data", () => socket.destroy());
    });
    dying.listen(writerSocketOf(world.config));
    await once(dying, "listening");
    reader = await openReadingWorker(world.config);
  });
  after(async () => {
    await reader.close();
    await world.close();
  });

  const ask = async (method: "GET" | "PATCH") => {
    const answer = await reader.http.inject({
      method,
      url: "/api/v1/user_token/1/",
      headers: { authorization: `Bearer ${fullToken}` },
      ...(method === "PATCH" ? { payload: { klass: "gold" } } : {}),
    });
    return { status: answer.statusCode, retryAfter: answer.headers["retry-after"], body: answer.json() };
  };

  it("says that the outcome of a write is unknown when its answer is lost", async () => {
    const lost = await ask("PATCH");
    assert.deepEqual([lost.status, lost.retryAfter, lost.body.code], [503, "2", "server.unavailable"]);
    assert.match(lost.body.detail, /lost/);
  });

  it("refuses writes while there is no writer, and reads on", async () => {
    dying.close();
    for (const socket of sockets) socket.destroy();
    await once(dying, "close");
    const refused = await ask("PATCH");
    assert.deepEqual([refused.status, refused.retryAfter], [503, "2"]);
    assert.equal((await ask("GET")).status, 200);
  });

  it("finds the next writer by itself", async () => {
    await world.app.writeReceiver.listen(writerSocketOf(world.config));
    let status = 503;
    for (let waitedMs = 0; status === 503 && waitedMs < 5_000; waitedMs += 10) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      ({ status } = await ask("PATCH"));
    }
    assert.equal(status, 200);
    assert.equal((await ask("GET")).body.klass, "gold");
  });
});
