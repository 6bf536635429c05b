import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations } from "@gatehouse-aaa/contract";
import { assertProblem, leastPayload, type Paths, pathsIn } from "../../support/operations.ts";
import { makeTenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

for (const throughReader of [false, true]) {
  onEachDatabase(`every operation of a suspended organization${throughReader ? ", through a reader" : ""}`, (open, database) => {
    if (throughReader && database !== "sqlite") return;
    let world: World;
    let paths: Paths;
    const tokens: Record<string, string> = {};
    let neighbour: string;

    before(async () => {
      world = await open({ throughReader });
      paths = await pathsIn(world);
      const suspended = await makeTenant(world, "suspended", { own_usernames: true });
      const below = await makeTenant(world, "below", { parent: suspended.id });
      const deeper = await makeTenant(world, "deeper", { parent: below.id, own_usernames: true });
      neighbour = (await makeTenant(world, "neighbour")).token;
      for (const [name, { token }] of Object.entries({ itself: suspended, "below it": below, "deep below it": deeper })) {
        tokens[name] = token;
        assert.equal((await world.get("/user/", { token })).status, 200, "every token is remembered as a good one");
      }
      assert.equal((await world.patch(`/organization/${suspended.id}/`, { is_active: false })).status, 200);
    });
    after(() => world.close());

    for (const op of allOperations) {
      const path = () => paths.get(op.operationId)!;
      const body = op.body ? { body: leastPayload(op) } : {};
      if (op.whileSuspended) {
        it(`${op.operationId} is served still`, async () => {
          for (const token of Object.values(tokens)) {
            const answer = await world.request(op.method, path(), { token, ...body });
            assert.ok(answer.status < 300 || answer.body.code === "aaa_client.not_found", JSON.stringify(answer.body));
          }
        });
        continue;
      }
      it(`${op.operationId} is 403 that says so`, async () => {
        for (const [name, token] of Object.entries(tokens)) {
          for (const headers of [{}, { "if-none-match": "*" }]) {
            const answer = await world.request(op.method, path(), { token, headers, ...body });
            assertProblem(answer, 403, op);
            assert.equal(answer.body.code, "organization.suspended", name);
          }
          if (op.method === "GET") assert.equal((await world.request("HEAD", path(), { token })).status, 403, name);
        }
        const beside = await world.request(op.method, path(), { token: neighbour, ...body });
        assert.notEqual(beside.body?.code, "organization.suspended", "a neighbour is not concerned");
      });
    }

    it("refuses before the body is read, and after what comes first", async () => {
      const token = tokens["itself"]!;
      assert.equal((await world.request("POST", "/user/", { token, raw: "{" })).body.code, "organization.suspended");
      assert.equal((await world.get("/nothing_here/", { token })).status, 404);
      assert.equal((await world.request("DELETE", "/user/", { token })).status, 405);
    });
  });
}
