import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations, scopes } from "@gatehouse-aaa/contract";
import { assertProblem, leastPayload, type Paths, pathsIn } from "../../support/operations.ts";
import { giveToken } from "../../support/planted-tenants.ts";
import { fullToken, onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("every operation asks who is there", (open) => {
  let world: World;
  let paths: Paths;
  const badHeaders: Record<string, Record<string, string>> = {};

  before(async () => {
    world = await open();
    paths = await pathsIn(world);
    const nowMs = Date.now();
    const expired = await giveToken(world, { expiresAtMs: nowMs - 1 });
    const revoked = await giveToken(world, { revokedAtMs: nowMs - 1 });
    Object.assign(badHeaders, {
      missing: {},
      "of another kind": { authorization: `Token ${fullToken}` },
      "without a scheme": { authorization: fullToken },
      empty: { authorization: "Bearer " },
      malformed: { authorization: "Bearer not a token" },
      unknown: { authorization: "Bearer wrong-token-of-nobody-0123456789abcdef" },
      expired: { authorization: `Bearer ${expired}` },
      revoked: { authorization: `Bearer ${revoked}` },
    });
  });
  after(() => world.close());

  for (const op of allOperations) {
    const ask = (options: { token: string | null; headers?: Record<string, string> }) =>
      world.request(op.method, paths.get(op.operationId)!, { ...(op.body ? { body: leastPayload(op) } : {}), ...options });

    it(`${op.operationId} answers 401 to every token that is none`, async () => {
      for (const [kind, headers] of Object.entries(badHeaders)) {
        const answer = await ask({ token: null, headers });
        assert.equal(answer.status, 401, kind);
        assertProblem(answer, 401, op);
        assert.equal(answer.headers["www-authenticate"], "Bearer", kind);
      }
    });

    it(`${op.operationId} answers 403 to a token with every scope but its own`, async () => {
      const others = scopes.filter((scope) => scope !== op.scope && scope !== "admin");
      const answer = await ask({ token: await giveToken(world, { scopes: others }) });
      assertProblem(answer, 403, op);
      assert.equal(answer.body.code, "request.forbidden");
      assert.match(answer.body.detail, new RegExp(op.scope));
    });
  }

  it("a path that does not exist asks for the token first", async () => {
    assertProblem(await world.get("/nothing_here/", { token: null }), 401);
    assertProblem(await world.get("/nothing_here/"), 404);
    assertProblem(await world.post("/nothing_here/", { a: 1 }), 404);
  });
});
