import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allOperations, errorRegistry, formats, type Operation } from "@gatehouse-aaa/contract";
import { Type } from "typebox";
import { brokenSchemas, incomplete, openObjects, repeated, unknownFormats } from "./operation-rules.ts";

/** The operations of the documents, by resource. */
const documented: Readonly<Record<string, readonly string[]>> = {
  user: ["user_list", "user_create", "user_read", "user_update", "user_partial_update", "user_delete"].concat([
    "user_username_read",
    "user_username_update",
    "user_username_partial_update",
    "user_username_delete",
  ]),
  user_token: [
    "user_token_list",
    "user_token_create",
    "user_token_read",
    "user_token_update",
    "user_token_partial_update",
    "user_token_delete",
  ],
  user_extra: [
    "user_extra_list",
    "user_extra_create",
    "user_extra_read",
    "user_extra_update",
    "user_extra_partial_update",
    "user_extra_delete",
  ],
  device_app_user_update: ["device_app_user_update_create"],
};

/** Operations beyond the documents whose body is no closed object at its top, each with the reason. */
const openBodies: Readonly<Record<string, string>> = {
  device_app_user_update_create: "takes a wrapped and an unwrapped form; its rules refuse unknown keys",
  radius_authorize: "takes RADIUS attributes by name, whatever the equipment sends",
  radius_post_auth: "takes RADIUS attributes by name, whatever the equipment sends",
  radius_accounting: "takes RADIUS attributes by name, whatever the equipment sends",
};

const good = allOperations.find((op) => op.operationId === "user_token_top_up")!;
const broken = (change: Partial<Record<keyof Operation, unknown>>): Operation[] => [{ ...good, ...change } as Operation];

describe("every operation", () => {
  it("declares scope, summary, description, tag, errors and retry class", () => assert.deepEqual(incomplete(allOperations), []));
  it("has an id and a path of its own", () => {
    assert.deepEqual(repeated(allOperations.map((op) => op.operationId)), []);
    assert.deepEqual(repeated(allOperations.map((op) => `${op.method} ${op.path.replaceAll(/\{\w+\}/g, "{}")}`)), []);
  });
  // The server compiles schemas without looking whether they are any.
  it("has schemas that are schemas", () => assert.deepEqual(brokenSchemas(allOperations), []));
  it("refuses what it does not know", () => {
    const faults = openObjects(allOperations).filter((fault) => !Object.keys(openBodies).some((id) => fault.startsWith(`${id}: the body`)));
    assert.deepEqual(faults, []);
  });
  it("names formats that exist", () => {
    assert.deepEqual(unknownFormats(allOperations.flatMap((op) => [op.body, op.query, op.params, op.success.schema])), []);
  });
  it("of the documents is there, by the documents' name", () => {
    const present = new Set(allOperations.map((op) => op.operationId));
    const resources = new Set(allOperations.map((op) => op.tag));
    for (const [resource, ids] of Object.entries(documented)) {
      if (!resources.has(resource)) continue;
      for (const id of ids) assert.ok(present.has(id), `${id} is missing`);
    }
    assert.ok(resources.has("user") && resources.has("user_token"));
  });
});

describe("the registries", () => {
  it("give every code a status, a title without full stop and a retry class", () => {
    for (const [code, { status, title, retry }] of Object.entries(errorRegistry)) {
      assert.match(code, /^[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*$/);
      assert.ok(status >= 400 && status <= 503, code);
      assert.ok(title.length > 5 && !title.endsWith("."), code);
      assert.ok(["never", "after_change", "later"].includes(retry), code);
    }
  });
  it("give every format a sentence that says what would fit", () => {
    for (const [name, { sentence }] of Object.entries(formats)) assert.match(sentence, /^(Use|Enter) .+\.$/, name);
  });
});

describe("the checks of operations", () => {
  it("see what is missing", () => {
    assert.deepEqual(incomplete([good]), []);
    for (const change of [
      { operationId: "userTopUp" },
      { scope: "user:everything" },
      { scope: "user_token:read" },
      { summary: "" },
      { description: "Adds" },
      { tag: "nothing" },
      { path: "/User/{id}/" },
      { path: "/user_token/top_up" },
      { errors: ["user.no_such_code"] },
      { errors: [] },
      { retry: "often" },
      { retry: "safe" },
      { query: undefined },
      { params: undefined },
      { body: undefined },
    ]) {
      assert.notDeepEqual(incomplete(broken(change)), [], JSON.stringify(change));
    }
  });
  it("see a schema that is none", () => {
    assert.deepEqual(brokenSchemas(broken({})), []);
    assert.equal(brokenSchemas(broken({ body: Type.Object({ a: Type.Integer({ minimum: "0" as never }) }) })).length, 1);
  });

  it("see a repeated id, an unknown format and an open object", () => {
    assert.deepEqual(repeated(["a", "b", "a"]), ["a"]);
    assert.deepEqual(
      unknownFormats([Type.Object({ a: Type.Array(Type.String({ format: "colour" })) }), Type.String({ format: "email" })]),
      ["colour"],
    );
    assert.equal(openObjects(broken({ body: Type.Object({}), query: Type.Object({}) })).length, 2);
  });
});
