import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { sql } from "kysely";
import { writeArrays } from "../support/array-rounds.ts";
import { plantAccounts } from "../support/many-accounts.ts";
import { ask, makeAccount, makeClient, report } from "../support/network.ts";
import { countRows, findGrowingSteps } from "../support/postgres-plans.ts";
import { recordStatements } from "../support/recorded-statements.ts";
import { makeTenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

/** Parts of a large unit go one after another, in other texts than a small one's. */
const [few, large] = [3, 510];
/** The largest is what a request may hold; beside the rest of the suite a smaller one that goes in parts, too. */
const sizes = process.env["TEST_DATABASES"] === "postgres" ? [1, 100, 1_000] : [1, 100, 600];

onEachDatabase("arrays", (open, database) => {
  let world: World;
  let known: ReadonlySet<string>;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  it("of all sizes are written beside no others, by statements that do not grow with them", async () => {
    const tree = await makeTenant(world, "tree", { own_usernames: true });
    const whole = await makeTenant(world, "whole");
    known = await textsOf(
      ...[1, few, large].map((size) => () => writeArrays(world, size)),
      // Who sees less than everything asks in other words.
      ...[tree, whole].flatMap(({ token }) => [1, few].map((size) => () => writeArrays(world, size, token))),
    );
    const more = await textsOf(...sizes.slice(1).map((size) => () => writeArrays(world, size)));
    // What a new connection is told is none of an array's.
    const grown = [...more].filter((text) => !known.has(text) && !text.startsWith("set "));
    assert.deepEqual(grown, []);
  });

  it("of all sizes are written beside 20,000 others, by as many statements, but that a statement has some hundred rows", async () => {
    await plantAccounts(world, 20_000);
    const sent: number[] = [];
    const recorded = recordStatements();
    for (const size of sizes) sent.push(await sentFor(() => writeArrays(world, size)));
    recorded.stop();
    // The plan of an empty table is kept until autovacuum has looked: what has many rows is planned for itself.
    assert.ok(recorded.maxKept() <= 200, `a kept plan was given a list of ${recorded.maxKept()}`);
    // SQLite's wait for no network.
    if (database === "sqlite") return;
    const [, small, most] = sent as [number, number, number];
    assert.ok(most < 2 * small, `${small} statements for ${sizes[1]} rows of everything, ${most} for ${sizes[2]}`);
  });

  it("are written by plans that read no more the more rows there are", {
    skip: database === "sqlite" && "contracts/sqlite-plans",
  }, async () => {
    const asking = [...known].filter((text) => /^\s*(?:select|insert|update|delete|with)\b/i.test(text));
    assert.ok(asking.length > 40, `${asking.length} statements`);
    const url = world.config.databaseUrl!;
    // Beside sessions and decisions: contracts/postgres-plans.
    const empty = ["session", "session_request", "access_decision", "reversible_secret", "user_profile"];
    // Before that a text that is short enough to keep its plan is short enough to bear a bad one, but what changes rows goes by their keys.
    const changing = asking.filter((text) => /\bupdate "/.test(text));
    assert.ok(changing.length > 10, `${changing.length} statements`);
    assert.deepEqual(await findGrowingSteps(url, changing, empty), [], "before it has counted");
    await countRows(url);
    assert.deepEqual(await findGrowingSteps(url, asking, empty), [], "after");
  });

  it("of accounts with all that an account may have move, get passwords and are refused by as many statements, however many", async () => {
    const [from, to] = [await makeTenant(world, "from", { reversible_secrets: true }), await makeTenant(world, "to")];
    const client = await makeClient(world, from.id);
    const patch = async (rows: readonly object[], status: number) => {
      const answer = await world.patch("/user/", rows);
      assert.equal(answer.status, status, JSON.stringify(answer.body).slice(0, 500));
    };
    const count = async (table: "reversible_secret" | "session_request", reason?: string) => {
      let rows = world.app.database.reader.selectFrom(table).select(sql<number>`cast(count(*) as bigint)`.as("rows"));
      if (reason !== undefined) rows = rows.where(sql.ref("reason"), "=", reason);
      return (await rows.executeTakeFirstOrThrow()).rows;
    };
    let moved = 0;
    const sentFor12And3: number[][] = [];
    for (const size of [12, 3]) {
      const users: number[] = [];
      for (let index = 0; index < size; index += 1) {
        const username = `mover-${size}-${index}`;
        const id = await makeAccount(world, { username, organization: from.id, external_id: username, user_time: 600 });
        users.push(id);
        const device_info = { assigned_devices: [{ device_id: username }] };
        assert.equal((await world.post("/user_extra/", { parent: id, device_info })).status, 201);
        const device = "AA-BB-CC-00-00-01";
        assert.equal((await ask(world, client, { userName: username, device })).outcome, "accept");
        assert.equal(await report(world, client, "Start", { id: username, userName: username, device }), "stored");
      }
      await world.app.flush();
      const rows = (fields: (id: number) => object) => users.map((id) => ({ id, ...fields(id) }));
      const forPasswords = await sentFor(() =>
        patch(
          rows((id) => ({ password: `secret ${id}` })),
          200,
        ),
      );
      assert.equal(await count("reversible_secret"), size);
      sentFor12And3.push([
        forPasswords,
        await sentFor(() =>
          patch(
            rows((id) => (id === users[0] ? { external_id: "x".repeat(1_000), email: "none" } : { description: "fine" })),
            400,
          ),
        ),
        await sentFor(() =>
          patch(
            rows(() => ({ organization: to.id })),
            200,
          ),
        ),
      ]);
      moved += size;
      assert.equal(await count("reversible_secret"), 0, "the branch keeps none");
      const asked = await count("session_request", "moved");
      assert.equal(asked, moved, "their sessions are asked to end");
      for (const path of ["/user/", "/user_extra/", "/device/", "/aaa_accounting/", "/access_decision/"]) {
        assert.equal((await world.get(`${path}?limit=1`, { token: to.token })).body.count, moved, path);
        assert.equal((await world.get(`${path}?limit=1`, { token: from.token })).body.count, 0, path);
      }
    }
    // SQLite's wait for no network.
    if (database === "sqlite") return;
    // One for each account more would be nine more; what the process asks for by the way is less.
    const [twelve, three] = sentFor12And3 as [number[], number[]];
    for (const [index, sent] of twelve.entries()) assert.ok(sent - three[index]! < 6, `${twelve} statements for 12, ${three} for 3`);
  });
});

const sentFor = async (work: () => Promise<void>): Promise<number> => {
  const recorded = recordStatements();
  try {
    await work();
  } finally {
    recorded.stop();
  }
  return recorded.sent();
};

/** The texts of the statements of some work. */
const textsOf = async (...works: readonly (() => Promise<void>)[]): Promise<ReadonlySet<string>> => {
  const recorded = recordStatements();
  try {
    for (const work of works) await work();
  } finally {
    recorded.stop();
  }
  return recorded.texts;
};
