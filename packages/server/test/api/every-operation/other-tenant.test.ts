import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations, type Operation } from "@gatehouse-aaa/contract";
import { assertProblem, leastPayload, type Paths, pathsIn } from "../../support/operations.ts";
import { addTenant } from "../../support/planted-tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

/** Operations whose body alone names the record: what they are asked for, of the first tenant. */
const namedInBody: Record<string, unknown> = {
  device_app_user_update_create: { data: { username: "john_doe", user_class: "stolen" } },
};

const isList = (op: Operation) => op.method === "GET" && "results" in ((op.success.schema as { properties?: object })?.properties ?? {});

onEachDatabase("what belongs to another tenant does not exist", (open) => {
  let world: World;
  let paths: Paths;
  let token: string;
  const theirs = new Map<string, readonly number[]>();

  const idsOf = async (op: Operation, asking?: string) => {
    const answer = await world.get(`${paths.get(op.operationId)}?limit=100`, asking === undefined ? {} : { token: asking });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return (answer.body.results as { id: number }[]).map((row) => row.id);
  };

  before(async () => {
    world = await open();
    paths = await pathsIn(world);
    for (const op of allOperations.filter(isList)) theirs.set(op.operationId, await idsOf(op));
    token = (await addTenant(world, "other_tenant")).token;
  });
  after(() => world.close());

  for (const op of allOperations) {
    const ask = (body?: unknown) =>
      world.request(op.method, paths.get(op.operationId)!, { token, ...(body === undefined ? {} : { body }) });

    if (op.path.includes("{")) {
      it(`${op.operationId} answers 404`, async () => {
        const answer = await ask(op.body && leastPayload(op));
        assertProblem(answer, 404, op);
        assert.notEqual(answer.body.code, "path.not_found");
      });
    } else if (isList(op)) {
      it(`${op.operationId} shows nothing`, async () => {
        const seen = await idsOf(op, token);
        const shownBefore = theirs.get(op.operationId)!;
        assert.deepEqual(
          seen.filter((id) => shownBefore.includes(id)),
          [],
        );
        const { body } = await ask();
        assert.equal(body.count, seen.length, "the count must not tell of others either");
      });
    } else if (op.rows === "required") {
      it(`${op.operationId} answers 404`, async () => assertProblem(await ask(leastPayload(op)), 404, op));
    } else if (op.operationId in namedInBody) {
      it(`${op.operationId} answers 404`, async () => assertProblem(await ask(namedInBody[op.operationId]), 404, op));
    }
  }
});
