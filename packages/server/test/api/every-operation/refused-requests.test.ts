import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations } from "@gatehouse-aaa/contract";
import { bodyLimit, maxBodyBytes, maxRows } from "../../../src/http/body-reader.ts";
import { assertProblem, leastBody, leastPayload, type Paths, pathsIn } from "../../support/operations.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const oversize = (bytes: number, open: string, close: string) => Buffer.from(`${open}"${"x".repeat(bytes)}"${close}`);

/** How much was written: each write leaves its row in the audit trail. */
const changes = async (world: World): Promise<number> =>
  (await world.app.database.reader.selectFrom("audit_entry").select("id").execute()).length;

onEachDatabase("every operation refuses what it does not know", (open) => {
  let world: World;
  let paths: Paths;
  before(async () => {
    world = await open();
    paths = await pathsIn(world);
  });
  after(() => world.close());

  for (const op of allOperations) {
    const path = () => paths.get(op.operationId)!;

    it(`${op.operationId} names an unknown query parameter`, async () => {
      const body = op.body ? { body: leastPayload(op) } : {};
      for (const name of ["no_such_parameter", "toString", "__proto__"]) {
        const answer = await world.request(op.method, `${path()}?${name}=1`, body);
        assertProblem(answer, 400, op);
        assert.deepEqual(Object.keys(answer.body.errors), [name]);
      }
    });

    it(`${op.operationId} refuses a parameter that is given twice`, async () => {
      const answer = await world.request(op.method, `${path()}?format=json&format=json`, op.body ? { body: leastPayload(op) } : {});
      assertProblem(answer, 400, op);
      assert.deepEqual(Object.keys(answer.body.errors), ["format"]);
    });

    if (!op.body) continue;

    it(`${op.operationId} names an unknown body field, and writes nothing`, async () => {
      const before = await changes(world);
      for (const field of ["no_such_field", "toString", "constructor"]) {
        const faulty = { ...leastBody(op), [field]: 1 };
        const answer = await world.request(op.method, path(), { body: op.rows === "required" ? [faulty] : faulty });
        assertProblem(answer, 400, op);
        const name = op.rows === "required" ? `0.${field}` : field;
        assert.ok(Object.hasOwn(answer.body.errors, name), JSON.stringify(answer.body));
      }
      assert.equal(await changes(world), before);
    });

    it(`${op.operationId} takes JSON alone`, async () => {
      const refused = ["text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json; charset=latin1"];
      if (op.method !== "PATCH") refused.push("application/merge-patch+json");
      for (const type of refused) {
        const answer = await world.request(op.method, path(), { raw: JSON.stringify(leastPayload(op)), headers: { "content-type": type } });
        assertProblem(answer, 415, op);
      }
    });

    it(`${op.operationId} tells where JSON breaks and echoes none of it`, async () => {
      const nothing = op.bodyOptional ? [] : [""];
      for (const raw of [
        '{"password":"hunter2-secret',
        '{"password":"hunter2-secret",}',
        "hunter2-secret",
        '[{"a":hunter2-secret}]',
        ...nothing,
      ]) {
        const answer = await world.request(op.method, path(), { raw });
        assertProblem(answer, 400, op);
        assert.equal(answer.body.code, "request.malformed", raw);
        assert.doesNotMatch(JSON.stringify(answer.body), /hunter2/);
      }
      assertProblem(await world.request(op.method, path(), { raw: Buffer.from([0x22, 0xff, 0x22]) }), 400, op);
    });

    it(`${op.operationId} answers 413 to a body that is too large`, async () => {
      assertProblem(await world.request(op.method, path(), { raw: oversize(maxBodyBytes, '{"x":', "}") }), 413, op);
      assertProblem(await world.request(op.method, path(), { raw: oversize(bodyLimit(op), "[", "]") }), 413, op);
      if (op.rows === undefined) return;
      const rows = Array.from({ length: maxRows + 1 }, () => leastBody(op));
      assertProblem(await world.request(op.method, path(), { body: rows }), 413, op);
    });
  }

  it("a body that is valid but for one field writes nothing, however it is checked further", async () => {
    const made = await world.post("/user_token/", { username: "but-for-one-field" });
    assert.equal(made.status, 201);
    const { id } = made.body;
    const before = await changes(world);
    const faulty = { klass: "never", no_such_field: 1 };
    const writes = [
      ["POST", "/user/", { username: "never-made", ...faulty }],
      ["POST", "/user/", [{ username: "never-made", ...faulty }]],
      ["POST", "/user_token/", { username: "never-made", ...faulty }],
      ["POST", "/user_token/", [{ username: "never-made", ...faulty }]],
      ["PATCH", "/user/", [{ id, ...faulty }]],
      ["PATCH", "/user_token/", [{ id, ...faulty }]],
      ["PATCH", `/user/${id}/`, faulty],
      ["PATCH", `/user_token/${id}/`, faulty],
      ["PATCH", "/user/username/but-for-one-field/", faulty],
      ["PUT", `/user/${id}/`, { username: "but-for-one-field", ...faulty }],
      ["PUT", `/user_token/${id}/`, { username: "but-for-one-field", ...faulty }],
      ["PUT", "/user/username/but-for-one-field/", { username: "but-for-one-field", ...faulty }],
    ] as const;
    for (const [method, path, body] of writes) {
      const answer = await world.request(method, path, { body });
      assert.equal(answer.status, 400, `${method} ${path} ${JSON.stringify(answer.body)}`);
      assert.deepEqual(Object.keys(answer.body.errors), [Array.isArray(body) ? "0.no_such_field" : "no_such_field"], path);
    }
    assert.equal(await changes(world), before);
    assert.equal((await world.get("/user/username/never-made/")).status, 404);
    assert.equal((await world.get(`/user_token/${id}/`)).body.klass, null);
  });

  it("DELETE ignores type and body", async () => {
    for (const op of allOperations.filter((one) => one.method === "DELETE" && one.path.endsWith("{id}/"))) {
      const path = op.path.replace("{id}", "999999999");
      for (const [type, raw] of [
        ["text/plain", "anything"],
        ["application/json", "{broken"],
      ] as const) {
        assertProblem(await world.request("DELETE", path, { raw, headers: { "content-type": type } }), 404, op);
      }
    }
  });
});
