import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import type { World } from "./world.ts";

/** Each entry of the log: the line that begins it, and those below. */
const beginsEntry = /^\d{4}-\d\d-\d\d /;

/** What the server has told of the deadlocks of a database: who waited for whom, and with which statements. */
const deadlocksTold = async (database: string): Promise<string> => {
  const path = process.env["TEST_POSTGRES_LOG"];
  if (path === undefined) return "";
  const entries: string[] = [];
  let isTold = false;
  for (const line of (await readFile(path, "utf8")).split("\n")) {
    if (beginsEntry.test(line)) {
      const isOurs = line.includes(` ${database} `);
      if (isOurs && line.includes("deadlock detected")) isTold = true;
      // The entries that explain one follow it, as long as nobody else speaks.
      else if (!isOurs || !/ (?:DETAIL|HINT|CONTEXT|STATEMENT): /.test(line)) isTold = false;
    }
    if (isTold) entries.push(line);
  }
  return entries.join("\n");
};

/** How many deadlocks PostgreSQL has ended in a world's database. What a connection has counted is told when it ends. */
const countDeadlocks = async (world: World): Promise<number> => {
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()`.execute(world.app.database.reader);
  return rows[0]!.deadlocks;
};

/** Fails with the server's own words where units of a world have locked each other out. Call it when all others are closed. */
export const assertNoDeadlocks = async (world: World): Promise<void> => {
  const name = new URL(world.config.databaseUrl!).pathname.slice(1);
  const told = await deadlocksTold(name);
  assert.equal(told, "", `PostgreSQL has ended a deadlock:\n${told}`);
  // A connection tells its numbers a moment after its end.
  await pause(100);
  assert.equal(await countDeadlocks(world), 0);
};
