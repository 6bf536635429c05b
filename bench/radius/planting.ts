import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import Database from "better-sqlite3";
import { onServer } from "../postgres-databases.ts";
import { showProgress } from "../progress.ts";
import type { Accounts } from "./cases.ts";
import { type SqlPlace, shippedSql } from "./freeradius-configuration.ts";
import { benchPassword, type PlannedSource, plantedSeconds, usernameOf } from "./plan.ts";

export interface ServedWorld {
  /** As a URL without a path. */
  readonly address: string;
  readonly token: string;
}

const rowsOfArray = 1_000;
const kinds: readonly Accounts[] = ["plain", "timed"];

/** `Algorithm` is a const enum, which type stripping cannot read. */
const argon2id = 2;

/**
 * One hash serves all accounts, and it is as cheap as Argon2id can be: what is measured are passwords that are remembered,
 * and whether a hash cost a microsecond or 30 milliseconds is forgotten by then. Each account is verified once before.
 */
const cheapHash = (): Promise<string> => hash(benchPassword, { algorithm: argon2id, memoryCost: 8, timeCost: 1, parallelism: 1 });

const post = async ({ address, token }: ServedWorld, path: string, body: unknown): Promise<void> => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${address}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.status !== 201) throw new Error(`POST ${path} was answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  await answer.arrayBuffer();
};

/** Makes the accounts and the AAA clients in a Gatehouse by its API. */
export const plantGatehouse = async (world: ServedWorld, accounts: number, clients: readonly PlannedSource[]): Promise<void> => {
  const password = await cheapHash();
  const progress = showProgress(`planting ${(accounts * kinds.length).toLocaleString("en")} accounts`, accounts * kinds.length);
  try {
    let made = 0;
    for (const kind of kinds) {
      for (let first = 0; first < accounts; first += rowsOfArray) {
        const rows = Array.from({ length: Math.min(rowsOfArray, accounts - first) }, (_, index) => ({
          username: usernameOf(kind, first + index),
          password,
          ...(kind === "timed" ? { user_time: plantedSeconds } : {}),
        }));
        await post(world, "/user_token/", rows);
        made += rows.length;
        progress.update(made);
      }
    }
  } finally {
    progress.stop();
  }
  // No equipment listens behind these addresses, and what FreeRADIUS does for a Start has no orders in it either.
  for (const { name, address, secret } of clients) await post(world, "/aaa_client/", { short_name: name, address, secret, coa_port: null });
};

/** Gives FreeRADIUS its shipped schema, and the same accounts with their passwords in clear. */
export const plantFreeRadius = async (shipped: string, sql: SqlPlace, url: string | undefined, accounts: number): Promise<void> => {
  const schema = await readFile(join(shippedSql(shipped, sql.database), "schema.sql"), "utf8");
  const names = kinds.flatMap((kind) => Array.from({ length: accounts }, (_, number) => usernameOf(kind, number)));
  if (sql.database === "postgres") {
    const values = names.map((name) => `('${name}', 'Cleartext-Password', ':=', '${benchPassword}')`).join(",");
    await onServer(url!, schema, `insert into radcheck (username, attribute, op, value) values ${values}`, "vacuum (analyze)");
    return;
  }
  const database = new Database(sql.file);
  // With its rollback journal it would be slower: readers and the writer would wait for one another.
  database.pragma("journal_mode = wal");
  database.exec(schema);
  const insert = database.prepare("insert into radcheck (username, attribute, op, value) values (?, 'Cleartext-Password', ':=', ?)");
  database.transaction(() => {
    for (const name of names) insert.run(name, benchPassword);
  })();
  database.close();
};
