import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations, type Operation } from "@gatehouse-aaa/contract";
import { assertProblem, type Paths, pathsIn } from "../../support/operations.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
const byPath = Map.groupBy(allOperations, (op) => op.path);

const allowOf = (ops: readonly Operation[]): string => {
  const offered = new Set<string>(["OPTIONS", ...ops.map((op) => op.method)]);
  if (offered.has("GET")) offered.add("HEAD");
  return [...offered].sort().join(", ");
};

onEachDatabase("every path offers what it says", (open) => {
  let world: World;
  let paths: Paths;
  before(async () => {
    world = await open();
    paths = await pathsIn(world);
  });
  after(() => world.close());

  for (const [template, ops] of byPath) {
    const path = () => paths.get(ops[0]!.operationId)!;
    const allow = allowOf(ops);

    it(`${template} answers OPTIONS without a token by ${allow}`, async () => {
      const answer = await world.request("OPTIONS", path(), { token: null });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers["allow"], allow);
    });

    it(`${template} answers 405 with Allow to any other method, and asks for the token before`, async () => {
      for (const method of methods.filter((one) => !allow.split(", ").includes(one))) {
        const answer = await world.request(method, path());
        assert.equal(answer.headers["allow"], allow, method);
        if (method === "HEAD") assert.equal(answer.status, 405);
        else assertProblem(answer, 405);
        assert.equal((await world.request(method, path(), { token: null })).status, 401, method);
      }
    });
  }

  for (const op of allOperations) {
    it(`${op.operationId} answers the same without the slash at the end`, async () => {
      const path = paths.get(op.operationId)!;
      const bare = path.slice(0, -1);
      if (op.method === "GET") {
        const [slashed, other] = [await world.get(path), await world.get(bare)];
        assert.equal(other.status, slashed.status);
        assert.equal(other.headers["etag"], slashed.headers["etag"]);
        assert.deepEqual(other.body, slashed.body);
        return;
      }
      // What changes something is asked for with a parameter that stops it.
      const options = op.body ? { body: {} } : {};
      const slashed = await world.request(op.method, `${path}?no_such_parameter=1`, options);
      const other = await world.request(op.method, `${bare}?no_such_parameter=1`, options);
      assert.deepEqual([other.status, other.body.errors], [slashed.status, slashed.body.errors]);
      assert.equal(other.status, 400);
    });

    if (op.method !== "GET") continue;
    it(`${op.operationId} answers HEAD as GET, without the body`, async () => {
      const path = paths.get(op.operationId)!;
      const [got, head] = [await world.get(path), await world.request("HEAD", path)];
      assert.equal(got.status, 200, JSON.stringify(got.body));
      assert.equal(head.status, 200);
      assert.equal(head.headers["etag"], got.headers["etag"]);
      assert.equal(head.body, "");
      assert.equal(got.headers["cache-control"], "private, no-cache");
      assert.equal(got.headers["vary"], "Authorization");
    });
  }
});
