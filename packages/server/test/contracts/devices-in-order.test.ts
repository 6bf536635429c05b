import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import pg from "pg";
import { assertNoDeadlocks } from "../support/deadlocks.ts";
import { eventually } from "../support/eventually.ts";
import { beforeStatement } from "../support/interrupted-statement.ts";
import { makeAccount } from "../support/network.ts";
import { openWorld, type World } from "../support/world.ts";

/** SQLite has one unit at a time, which nobody can come between. */
describe("devices on PostgreSQL, while others have their locks", () => {
  let world: World;
  let friend: number;
  let guest: number;
  let records: Record<number, number>;
  const open: pg.Client[] = [];
  before(async () => {
    world = await openWorld("postgres");
    friend = await makeAccount(world, { username: "friend" });
    guest = await makeAccount(world, { username: "guest" });
    records = {};
    for (const parent of [friend, guest]) records[parent] = (await world.post("/user_extra/", { parent })).body.id;
  });
  afterEach(async () => {
    for (const client of open.splice(0)) await client.end();
  });
  after(() => world.close());

  /** Another process in the middle of a unit, which has these locks. */
  const anotherUnit = async (...locks: string[]): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: world.config.databaseUrl });
    open.push(client);
    await client.connect();
    await client.query("begin");
    for (const lock of locks) await client.query(lock);
    return client;
  };
  const accountOf = (id: number) => `select 1 from user_account where id = ${id} for no key update`;
  const device = (name: string, more = "") => `select 1 from device where identifier = '${name}' for update ${more}`;
  const somebodyWaits = (client: pg.Client) =>
    eventually("a unit waits for a lock", async () => {
      const { rows } = await client.query("select count(*)::integer as waiting from pg_locks where not granted");
      return rows[0].waiting > 0;
    });
  const give = async (parent: number, ...names: string[]) => {
    const device_info = { assigned_devices: names.map((device_id) => ({ device_id })) };
    const answer = await world.patch(`/user_extra/${records[parent]}/`, { device_info });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const devicesOf = async (parent: number): Promise<string[]> => {
    const { body } = await world.get(`/user_extra/${records[parent]}/?device_info=true`);
    return body.device_info.assigned_devices.map((one: { device_id: string }) => one.device_id);
  };
  const versionOf = async (parent: number) => (await world.get(`/user_extra/${records[parent]}/`)).headers["etag"];

  it("are taken with the account that has them by then, before any of its rows is locked", async () => {
    const first = await anotherUnit(accountOf(friend));
    const taking = give(friend, "tv");
    await somebodyWaits(first);
    await give(guest, "tv");
    const before = await versionOf(guest);
    const guests = await anotherUnit(accountOf(guest), `select 1 from user_extra where parent_id = ${guest} for update`);
    await first.query("rollback");
    await somebodyWaits(guests);
    await guests.query(device("tv"));
    await guests.query("commit");
    await taking;
    assert.deepEqual([await devicesOf(friend), await devicesOf(guest)], [["tv"], []]);
    assert.notEqual(await versionOf(guest), before, "who lost it is told");
  });

  it("are locked in the order of their names, those that a holder has and those that it wants", async () => {
    await give(friend, "a-kept", "b-free");
    await give(friend, "a-kept");
    const other = await anotherUnit(device("a-kept"));
    const taking = give(friend, "b-free");
    await somebodyWaits(other);
    const { rows } = await other.query(device("b-free", "skip locked"));
    assert.equal(rows.length, 1, "the later name is not locked while the earlier one is waited for");
    await other.query("rollback");
    await taking;
    assert.deepEqual(await devicesOf(friend), ["b-free"]);
  });

  it("that are made meanwhile are taken as those that were there", async () => {
    await give(guest);
    const before = await versionOf(guest);
    const interruption = beforeStatement(/^insert into "device" /, () => give(guest, "new"));
    try {
      await give(friend, "new");
    } finally {
      interruption.undo();
    }
    assert.ok(interruption.happened());
    assert.deepEqual([await devicesOf(friend), await devicesOf(guest)], [["new"], []]);
    assert.notEqual(await versionOf(guest), before);
  });

  it("have locked nobody out", () => assertNoDeadlocks(world));
});
