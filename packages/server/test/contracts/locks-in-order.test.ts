import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { write } from "../../src/storage/verbs.ts";
import { playEquipment } from "../support/dynamic-authorization-world.ts";
import { eventually } from "../support/eventually.ts";
import { ask, makeAccount, makeClient, report, sessionsIn } from "../support/network.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { openWorld, type World } from "../support/world.ts";

/**
 * What several units write, in the order in which each unit locks it. A ledger's rows are guarded by the account or the balance; who
 * writes both a deadline and requests has the account.
 */
const order = [["user_account"], ["time_balance"], ["reservation"], ["session"], ["session_deadline", "session_request"], ["kept_count"]];
const placeOf = (table: string): number => order.findIndex((tables) => tables.includes(table));

/** The tables whose rows a statement locks, in its order: of what was composed the optimistic locks, then the writes from the last to the first. */
const lockedBy = (text: string): string[] => {
  const tables = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1]!);
  if (/^with [lw]\d/.test(text)) {
    const writes = tables(/w\d+ as \((?:update|insert into|delete from) "(\w+)"/g);
    return [...tables(/l\d+ as \(select 1 from "(\w+)"/g), ...writes.reverse()];
  }
  if (/^select .* for (?:no key )?update/s.test(text)) return tables(/from "(\w+)"/g).slice(0, 1);
  return tables(/^(?:update|insert into|delete from) "(\w+)"/g);
};

/** Notes what each transaction locks: each connection's statements in the order in which they go out. */
const recordLocks = () => {
  const transactions: string[][] = [];
  const open = new WeakMap<pg.Client, string[]>();
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...given: [string | { text: string }]) {
    const text = typeof given[0] === "string" ? given[0] : given[0].text;
    if (text === "begin") open.set(this, transactions[transactions.push([]) - 1]!);
    else if (text === "commit" || text === "rollback") open.delete(this);
    else {
      const locked = lockedBy(text);
      const transaction = open.get(this);
      if (transaction) transaction.push(...locked);
      else if (locked.length > 0) transactions.push(locked);
    }
    return (query as (...all: unknown[]) => unknown).apply(this, given);
  } as typeof query;
  return {
    transactions,
    stop(): void {
      pg.Client.prototype.query = query;
    },
  };
};

/** SQLite has one unit at a time, and no locks of rows. */
describe("the locks of a unit on PostgreSQL", () => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  before(async () => {
    world = await openWorld("postgres");
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    client = await makeClient(world, cafe.id, { coa_port: 3799 });
  });
  after(() => world.close());

  it("are taken in one order: the account, its balance, reservations, sessions, what ends them, and everybody's counts at last", async () => {
    const guest = await makeAccount(world, { username: "guest", organization: cafe.id, user_time: 1_000 });
    const { dynamicAuthorization, work, answers } = playEquipment(world, { nowMs: () => Date.now() });
    const tell = (status: string, id: string, seconds?: number) =>
      report(world, client, status, { id, userName: "guest", device: "AA-00-00-00-00-01", ...(seconds === undefined ? {} : { seconds }) });
    const done = async (answer: Promise<{ status: number }>) => assert.ok((await answer).status < 300);
    const recorded = recordLocks();
    try {
      await ask(world, client, { userName: "guest", device: "AA-00-00-00-00-01" });
      for (const id of ["one", "two"]) await tell("Start", id);
      await tell("Interim-Update", "one", 60);
      await done(world.post(`/user_token/${guest}/top_up/`, { seconds: 60 }));
      await done(world.patch(`/user_token/${guest}/`, { user_time: 500, klass: "k" }));
      await tell("Stop", "one", 90);
      const [live] = await sessionsIn(world, `user=${guest}&session_status=active`);
      await done(world.post(`/aaa_accounting/${live.radacctid}/disconnect/`, {}));
      answers.push({ kind: "ack" }, { kind: "nak", errorCause: 503 });
      await work();
      await tell("Start", "three");
      await done(world.patch(`/user_token/${guest}/`, { user_time: 0 }));
      await work();
      await tell("Start", "four");
      await tell("Accounting-On", "boot");
      await tell("Start", "five");
      // Equipment that has started again and tells of a session with the time that has passed since.
      const longAgoMs = Date.now() - 3_600_000;
      await report(world, client, "Start", { id: "six", userName: "guest", eventMs: longAgoMs, receivedAtMs: longAgoMs });
      await tell("Interim-Update", "six", 60);
      assert.equal(
        (await sessionsIn(world, `user=${guest}&session_status=completed`)).filter((one) => one.acctsessionid === "six").length,
        1,
      );
      await done(world.delete(`/user_token/${guest}/`));
      await dynamicAuthorization.settle();
    } finally {
      recorded.stop();
    }
    const ordered = recorded.transactions.map((tables) => [...new Set(tables.filter((table) => placeOf(table) >= 0))]);
    for (const tables of ordered) {
      // The row that goes is locked from the beginning.
      assert.deepEqual(
        tables,
        tables.toSorted((one, other) => placeOf(one) - placeOf(other)),
      );
    }
    const all = ordered.map((tables) => tables.join());
    for (const units of [
      "user_account,time_balance",
      "time_balance,session",
      "user_account,time_balance,session",
      "user_account,reservation,session",
    ]) {
      assert.ok(
        all.some((tables) => tables.startsWith(units)),
        `${units} is among ${JSON.stringify(all)}`,
      );
    }
  });

  it("are taken in that order by all units that share a transaction: what ends sessions after every session, and counts at last", async () => {
    const guest = await makeAccount(world, { username: "busy", organization: cafe.id, user_time: 100_000 });
    const tell = (status: string, id: number, seconds?: number) =>
      report(world, client, status, {
        id: `busy-${id}`,
        userName: "busy",
        device: `AA-00-00-00-01-0${id}`,
        ...(seconds === undefined ? {} : { seconds }),
      });
    const recorded = recordLocks();
    try {
      const reportAll = async (id: number) => {
        await tell("Start", id);
        await tell("Interim-Update", id, 60);
        await tell("Stop", id, 90);
      };
      const topUp = async () => {
        for (let time = 0; time < 3; time += 1) await world.post(`/user_token/${guest}/top_up/`, { seconds: 60 });
      };
      await Promise.all([...Array.from({ length: 8 }, (_, id) => reportAll(id)), topUp(), topUp()]);
    } finally {
      recorded.stop();
    }
    const late = [["session"], ["session_deadline", "session_request"], ["kept_count"]];
    const places = recorded.transactions.map((tables) =>
      tables.map((table) => late.findIndex((some) => some.includes(table))).filter((place) => place >= 0),
    );
    for (const [index, all] of places.entries()) assert.deepEqual(all, all.toSorted(), recorded.transactions[index]!.join());
    assert.ok(
      places.some((all) => all.filter((place) => place === 0).length > 2),
      "units have shared a transaction",
    );
  });

  it("of what travels in one statement are taken in the order in which it was asked for", async () => {
    const userId = await makeAccount(world, { username: "waits", organization: cafe.id, user_time: 10 });
    const key = { name_space_id: cafe.namespaceId, user_id: userId };
    await world.app.database.write((handle) => write(handle, { insertInto: "session_deadline", rows: [{ ...key, due_at: 1 }] }));
    const other = new pg.Client({ connectionString: world.config.databaseUrl });
    await other.connect();
    await other.query("begin");
    await other.query("select 1 from time_balance where user_id = $1 for update", [userId]);
    const unit = world.app.database.write(async (handle) => {
      await write(handle, { update: "time_balance", key, values: { seconds: 5 } });
      await write(handle, { update: "session_deadline", key, values: { due_at: 2 } });
    });
    await eventually("the unit waits", async () => {
      const { rows } = await other.query("select count(*)::integer as waiting from pg_locks where not granted");
      return rows[0].waiting > 0;
    });
    const { rows } = await other.query("select due_at from session_deadline where user_id = $1 for update skip locked", [userId]);
    await other.query("rollback");
    await other.end();
    await unit;
    assert.equal(rows.length, 1, "what comes later is locked later");
  });

  it("are tried again by chance and end as 503 where the database undoes a unit each time", async () => {
    let runs = 0;
    const undone = world.app.database.write(async () => {
      runs += 1;
      throw Object.assign(new Error("deadlock detected"), { code: "40P01" });
    });
    await assert.rejects(undone, { name: "DatabaseUnavailable" });
    assert.equal(runs, 10);
    const answer = await world.get("/user/?limit=1");
    assert.equal(answer.status, 200, "and leave nothing behind");
  });
});
