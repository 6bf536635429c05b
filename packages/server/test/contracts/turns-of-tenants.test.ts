import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { runnerOf } from "../../src/storage/runner.ts";
import { write } from "../../src/storage/verbs.ts";
import { makeAccount } from "../support/network.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("units that end together", (open) => {
  let world: World;
  let mine: Tenant;
  const users: number[] = [];
  before(async () => {
    world = await open();
    ({ mine } = await makeTenants(world));
    for (const username of ["flooded", "quiet", "third"]) {
      users.push(await makeAccount(world, { username, organization: mine.id, user_time: 0 }));
    }
  });
  after(() => world.close());

  /** Adds a second to a balance in a unit that ends in one statement, at somebody's expense. */
  const add = (userId: number, payer: string): Promise<void> =>
    world.app.database.write(
      (handle) =>
        Promise.resolve(
          write(handle, {
            update: "time_balance",
            key: { name_space_id: mine.namespaceId, user_id: userId },
            values: {},
            adds: { seconds: 1 },
          }),
        ),
      payer,
    );

  const balanceOf = async (userId: number) =>
    (await world.app.database.reader.selectFrom("time_balance").select("seconds").where("user_id", "=", userId).executeTakeFirstOrThrow())
      .seconds;

  it("take turns by who pays for them, however many of one wait that cannot travel together", async () => {
    const [flooded, quiet, third] = users as [number, number, number];
    const order: string[] = [];
    const told = (name: string, unit: Promise<void>) => unit.then(() => void order.push(name));
    const flood = Array.from({ length: 300 }, () => told("flood", add(flooded, "flood")));
    await Promise.race(flood);
    const late = [told("quiet", add(quiet, "quiet")), told("third", add(third, "third"))];
    await Promise.all([...flood, ...late]);
    const before = (name: string) => order.slice(0, order.indexOf(name)).filter((one) => one === "flood").length;
    assert.ok(before("quiet") < 200 && before("third") < 200, `${before("quiet")} and ${before("third")} of the flood's 300 came first`);
    assert.deepEqual([await balanceOf(flooded), await balanceOf(quiet), await balanceOf(third)], [300, 1, 1], "and none is lost");
  });

  /** A read that takes some milliseconds wherever it runs. */
  const longText = (): string =>
    world.app.database.name === "sqlite"
      ? "with recursive n (i) as (select 1 union all select i + 1 from n where i < 50000) select count(*) as number from n"
      : "select count(*) as number from generate_series(1, 100000)";

  it("or read for long, too: a neighbour's search stands behind one of a flood's", async () => {
    const runner = runnerOf(world.app.database.reader);
    const order: string[] = [];
    const read = (payer: string) => runner.readLong({ text: longText() }, [], payer).then(() => void order.push(payer));
    const flood = Array.from({ length: 60 }, () => read("flood"));
    await Promise.race(flood);
    await Promise.all([...flood, read("quiet"), read("third")]);
    const places = [order.indexOf("quiet"), order.indexOf("third")];
    assert.ok(Math.max(...places) < 30, `their places in the order of answers: ${places.join(" and ")}`);
  });
});
