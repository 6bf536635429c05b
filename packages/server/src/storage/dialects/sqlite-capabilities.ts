import { sql } from "kysely";
import type { ColumnTypes } from "../columns.ts";
import type { Capabilities } from "../database.ts";
import { sqliteAlterations } from "./sqlite-alterations.ts";
import { sqliteSubstringIndex } from "./sqlite-substring-index.ts";

const columnTypes: ColumnTypes = {
  id: "integer",
  text: "text",
  integer: "integer",
  octets: "integer",
  boolean: "boolean",
  instant: "integer",
  json: "text",
  secret: "text",
};

export const capabilitiesOf = (nextNumbers: Capabilities["nextNumbers"]): Capabilities => ({
  columnTypes,
  needsRowLocks: false,
  countShards: 1,
  substringIndex: sqliteSubstringIndex,
  alterations: sqliteAlterations,
  databaseNowMs: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  createSequence: async () => {},
  nextNumbers,
});
