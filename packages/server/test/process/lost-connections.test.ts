import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { eventually } from "../support/eventually.ts";
import { openWorld, type World } from "../support/world.ts";

describe("a PostgreSQL that ends all connections", () => {
  let world: World;
  before(async () => {
    world = await openWorld("postgres");
  });
  after(() => world.close());

  it("costs the requests under way a 503 at most, and the next ones nothing", async () => {
    const admin = new pg.Client({ connectionString: world.config.databaseUrl });
    await admin.connect();
    const answers: number[] = [];
    let isOver = false;
    const good = () => answers.filter((status) => status === 200).length;
    const load = Array.from({ length: 6 }, async (_, worker) => {
      while (!isOver) {
        const answer =
          worker % 2 === 0
            ? await world.post("/user_token/1/top_up/", { seconds: 1 })
            : await world.get(`/user_token/1/?balance=true&format=json`);
        answers.push(answer.status);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    for (let round = 0; round < 5; round += 1) {
      const before = good();
      await eventually("requests are answered between two losses", () => good() > before + 2);
      await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
    }
    isOver = true;
    await Promise.all(load);
    await admin.end();
    assert.deepEqual(
      [...new Set(answers)].filter((status) => status !== 200 && status !== 503),
      [],
    );
    const rows = await world.app.database.reader.selectFrom("time_ledger").select("delta").where("user_id", "=", 1).execute();
    const { body } = await world.get("/user_token/1/?balance=true");
    assert.equal(
      rows.reduce((sum, row) => sum + row.delta, 0),
      body.user_time,
    );
  });

  it("that a migration of another node has changed is read on", async () => {
    assert.equal((await world.get("/user/1/")).status, 200);
    const admin = new pg.Client({ connectionString: world.config.databaseUrl });
    await admin.connect();
    await admin.query("alter table user_account add column brought_by_a_later_version text");
    await admin.end();
    for (let index = 0; index < 10; index += 1) assert.equal((await world.get("/user/1/")).status, 200);
    assert.equal((await world.patch("/user/1/", { first_name: "After" })).body.first_name, "After");
  });
});
