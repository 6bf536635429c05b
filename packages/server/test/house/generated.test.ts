import assert from "node:assert/strict";
import { it } from "node:test";
import { generatedFiles, staleFiles } from "../generated/generated-files.ts";
import { type databaseNames, openWorld } from "../support/world.ts";

const schemaOf = async (database: (typeof databaseNames)[number]): Promise<string> => {
  const world = await openWorld(database);
  const schema = await world.app.database.describeSchema();
  await world.close();
  return schema;
};

it("every generated file is as the code would make it", async () => {
  const schemas = { sqlite: await schemaOf("sqlite"), postgres: await schemaOf("postgres") };
  const stale = await staleFiles(schemas);
  assert.deepEqual(stale, [], `Stale: ${stale.join(", ")}. Run: npm run generate`);
  const otherwise = await staleFiles({ ...schemas, sqlite: `${schemas.sqlite}create table forgotten (id integer);\n` });
  assert.deepEqual(otherwise, ["packages/server/src/storage/schema.sqlite.sql"], "the check must see a change");
  assert.deepEqual([...generatedFiles(schemas)], [...generatedFiles(schemas)], "the same input makes the same files");
});
