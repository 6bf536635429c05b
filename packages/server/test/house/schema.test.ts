import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { declarationsOf } from "../../src/composition/declarations.ts";
import { allModules } from "../../src/composition/modules.ts";
import { onEachDatabase, type World } from "../support/world.ts";
import { globalTables, tablesIn, tenantless, uniqueIn } from "./schema-rules.ts";

const { refusals } = declarationsOf(allModules);

/** Unique constraints that no client can break by what it sends, each with the reason. */
const unmapped: Readonly<Record<string, string>> = {
  api_token__hash: "two tokens of 238 random bits are never the same",
  session__open: "two packets of one session at once: the unit of the second runs again and sees the first",
  session_request__waiting: "who asks for what is asked for already joins it",
  time_ledger__growing: "a session's row is written under the lock of its balance",
};

onEachDatabase("the schema", (open) => {
  let world: World;
  let schema: string;
  before(async () => {
    world = await open();
    schema = await world.app.database.describeSchema();
  });
  after(() => world.close());

  it("has the namespace first in every key and unique index", () => assert.deepEqual(tenantless(schema), []));

  it("holds the tables that the code knows, and the global ones", () => {
    const names = tablesIn(schema).map(({ name }) => name);
    for (const table of [...globalTables, "user_account", "time_ledger", "audit_entry"]) assert.ok(names.includes(table), table);
    assert.ok(uniqueIn(schema).length >= 5);
  });

  it("has a refusal for every unique constraint, and no refusal without one", () => {
    const names = uniqueIn(schema).map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => !(name in refusals) && !(name in unmapped)),
      [],
      "give them a refusal in the module.ts of their module",
    );
    assert.deepEqual(
      [...Object.keys(refusals), ...Object.keys(unmapped)].filter((name) => !names.includes(name)),
      [],
      "these constraints do not exist",
    );
  });
});

describe("the checks of the schema", () => {
  it("see a key and an index without the namespace, however it is written", () => {
    const bad = [
      'CREATE TABLE "a" ("id" integer not null, constraint "a__key" primary key ("id"));',
      'CREATE TABLE "b" ("name" text primary key, "x" integer);',
      'CREATE UNIQUE INDEX "a__x" on "a" ("x", "name_space_id");',
      "create table c (id bigint not null, name_space_id bigint not null);",
      "alter table c add constraint c__key PRIMARY KEY (id, name_space_id);",
      "create UNIQUE INDEX c__x ON c USING btree (x);",
      "alter table c add constraint c__y UNIQUE (y);",
      "create table d (id bigint not null);",
    ];
    assert.equal(tenantless(bad.join("\n")).length, 7);
    const good = [
      'CREATE TABLE "id_block" ("noun" text primary key, "next_id" integer not null);',
      'CREATE TABLE "e" ("name_space_id" integer not null, constraint "e__key" primary key ("name_space_id", "id"));',
      'CREATE UNIQUE INDEX "e__x" on "e" ("name_space_id", "x");',
      "CREATE TABLE 'user_account__username_key_search_data'(id INTEGER PRIMARY KEY, block BLOB);",
    ];
    assert.deepEqual(tenantless(good.join("\n")), []);
  });
});
