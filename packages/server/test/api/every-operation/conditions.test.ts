import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { allOperations, conditional, type Operation } from "@gatehouse-aaa/contract";
import { assertProblem, leastPayload, type Paths, pathsIn } from "../../support/operations.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const isGet = (op: Operation) => op.method === "GET";

onEachDatabase("every operation honours a condition or refuses it", (open) => {
  let world: World;
  let paths: Paths;
  before(async () => {
    world = await open();
    paths = await pathsIn(world);
  });
  after(() => world.close());

  /** A least body whose names are those that the record has already, so that nothing but a condition refuses it. */
  const ask = (op: Operation, headers: Record<string, string>, standing: Record<string, unknown> = {}) => {
    const least = (op.body ? leastPayload(op) : {}) as Record<string, unknown>;
    const kept = Object.fromEntries(Object.keys(least).flatMap((name) => (name in standing ? [[name, standing[name]]] : [])));
    const body = Array.isArray(least) ? least : { ...least, ...kept };
    return world.request(op.method, paths.get(op.operationId)!, { headers, ...(op.body ? { body } : {}) });
  };
  /** What stands at the path of a change, and its tag. */
  const standing = async (op: Operation) => {
    const { body, headers, status } = await world.get(paths.get(op.operationId)!);
    assert.equal(status, 200);
    return { body, tag: String(headers["etag"]) };
  };

  for (const op of allOperations.filter((one) => !isGet(one) && !conditional(one))) {
    it(`${op.operationId} refuses conditions`, async () => {
      for (const name of ["if-match", "if-none-match", "if-unmodified-since", "if-modified-since"]) {
        for (const value of ["*", '"1.1"', "Mon, 30 Nov 2026 06:00:00 GMT"]) {
          const answer = await ask(op, { [name]: value });
          assertProblem(answer, 400, op);
          assert.match(answer.body.detail.toLowerCase(), new RegExp(`^${name} `));
        }
      }
    });
  }

  for (const op of allOperations.filter((one) => conditional(one))) {
    it(`${op.operationId} changes nothing when a condition fails`, async () => {
      const was = await standing(op);
      const failing: Record<string, string>[] = [
        { "if-match": '"0.0"' },
        { "if-match": `W/${was.tag}` },
        { "if-match": `"0.0" , W/${was.tag},"",` },
        { "if-none-match": "*" },
        { "if-none-match": was.tag },
        { "if-none-match": `W/${was.tag}` },
        { "if-none-match": `"0.0",, ${was.tag}` },
        { "if-match": was.tag, "if-none-match": was.tag },
      ];
      for (const headers of failing) assertProblem(await ask(op, headers, was.body), 412, op);
      for (const value of ["", "0.0", '"0.0', "'0.0'", '*, "0.0"', '"0.0" "0.1"', 'w/"0.0"', ","]) {
        for (const name of ["if-match", "if-none-match"]) assertProblem(await ask(op, { [name]: value }), 400, op);
      }
      for (const name of ["if-unmodified-since", "if-modified-since"]) {
        assertProblem(await ask(op, { [name]: "Mon, 30 Nov 2026 06:00:00 GMT" }), 400, op);
      }
      assert.deepEqual(await standing(op), was);
    });
  }

  for (const op of allOperations.filter((one) => one.method === "PUT" || one.method === "PATCH").filter((one) => conditional(one))) {
    it(`${op.operationId} goes on when the conditions hold`, async () => {
      const { tag, body } = await standing(op);
      const answer = await ask(op, { "if-match": `"0.0", ${tag}`, "if-none-match": '"0.0", W/"0.1"' }, body);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    });
  }

  for (const op of allOperations.filter(isGet)) {
    it(`${op.operationId} answers 304 and 412 as its tag says`, async () => {
      const { headers } = await ask(op, {});
      const tag = headers["etag"];
      assertProblem(await ask(op, { "if-match": '"0.0"' }), 412, op);
      assert.equal((await ask(op, { "if-match": "*" })).status, 200);
      assert.equal((await ask(op, { "if-none-match": '"0.0"' })).status, 200);
      assert.equal((await ask(op, { "if-none-match": "*" })).status, 304);
      assertProblem(await ask(op, { "if-none-match": "0.0" }), 400, op);
      if (tag === undefined) return;
      assert.equal((await ask(op, { "if-match": `"0.0", ${tag}` })).status, 200);
      assertProblem(await ask(op, { "if-match": `W/${tag}` }), 412, op);
      assert.equal((await ask(op, { "if-none-match": `W/${tag}` })).status, 304);
    });
  }
});
