import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { createScheduler, type Job, type Scheduler } from "../../src/jobs/scheduler.ts";
import { createLease, type Lease } from "../../src/storage/lease.ts";
import { eventually } from "../support/eventually.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const lengthMs = 60_000;

onEachDatabase("a lease", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const leaseOf = (name: string, holder: string): Lease => createLease({ database: world.app.database, name, holder, lengthMs });
  /** What the passing of the lease's time does. */
  const expire = (name: string) =>
    world.app.database.write((handle) => handle.updateTable("lease").set({ expires_at: 0 }).where("name", "=", name).execute());
  const endOf = async (name: string) =>
    (await world.app.database.reader.selectFrom("lease").select("expires_at").where("name", "=", name).executeTakeFirst())?.expires_at;

  it("has one holder of many who take it together", async () => {
    const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => leaseOf("contested", `process ${index}`).take()));
    assert.equal(taken.filter((isMine) => isMine).length, 1);
  });

  it("is renewed by its holder alone, and ends on the database's clock", async () => {
    const [mine, other] = [leaseOf("renewed", "a"), leaseOf("renewed", "b")];
    assert.equal(await mine.take(), true);
    const first = await endOf("renewed");
    assert.equal(await other.take(), false);
    assert.equal(await endOf("renewed"), first, "who is refused changes nothing");
    assert.equal(await mine.take(), true);
    assert.ok((await endOf("renewed"))! >= first!);
    await expire("renewed");
    assert.equal(await other.take(), true);
    assert.equal(await mine.take(), false, "the old holder learns that it has lost");
  });

  it("that a clock which ran ahead has given ends with that clock", async () => {
    const [mine, other] = [leaseOf("ahead", "a"), leaseOf("ahead", "b")];
    assert.equal(await mine.take(), true);
    const tomorrow = (await endOf("ahead"))! + 86_400_000;
    await world.app.database.write((handle) =>
      handle.updateTable("lease").set({ expires_at: tomorrow }).where("name", "=", "ahead").execute(),
    );
    assert.equal(await other.take(), true);
    assert.ok((await endOf("ahead"))! < tomorrow);
    assert.equal(await mine.take(), false);
  });

  it("is free at once when its holder gives it back, and only its holder does", async () => {
    const [mine, other] = [leaseOf("given", "a"), leaseOf("given", "b")];
    assert.equal(await mine.take(), true);
    await other.release();
    assert.equal(await other.take(), false);
    await mine.release();
    assert.equal(await other.take(), true);
  });

  it("lets one of two schedulers do the jobs for all, and the other when that one dies", async () => {
    const runs: string[] = [];
    const jobsOf = (process: string): Job[] => [
      { name: "for all", runs: "in_one_process", everyMs: 1, run: async () => void runs.push(`all ${process}`) },
      { name: "for itself", runs: "in_each_process", everyMs: 1, run: async () => void runs.push(`own ${process}`) },
    ];
    let isDead = false;
    const schedulerOf = (process: string, lease: Lease): Scheduler =>
      createScheduler({ jobs: jobsOf(process), lease, leaseMs: 3_000, onFailure: (error) => assert.fail(String(error)) });
    const first = leaseOf("scheduler of the test", "first");
    // A dead process asks for nothing any more and gives nothing back.
    const dying = schedulerOf("first", { take: async () => !isDead && first.take(), release: async () => {} });
    dying.start();
    await eventually("the first does both", () => runs.includes("all first") && runs.includes("own first"));
    const second = schedulerOf("second", leaseOf("scheduler of the test", "second"));
    second.start();
    await eventually("the second does its own", () => runs.filter((run) => run === "own second").length > 20);
    assert.ok(!runs.includes("all second"));
    assert.deepEqual([dying.holdsLease(), second.holdsLease()], [true, false]);
    isDead = true;
    await dying.close();
    await expire("scheduler of the test");
    await eventually("the second does the jobs for all", () => runs.includes("all second"));
    await second.close();
    assert.equal(await endOf("scheduler of the test"), undefined, "who ends gives the lease back");
  });
});

it("a job that fails is told and runs again, and never twice at once", async () => {
  let running = 0;
  let most = 0;
  const failures: string[] = [];
  const scheduler = createScheduler({
    jobs: [
      {
        name: "shaky",
        runs: "in_each_process",
        everyMs: 1,
        async run() {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, 3));
          running -= 1;
          throw new Error("on purpose");
        },
      },
    ],
    lease: { take: async () => assert.fail("no job needs a lease"), release: async () => {} },
    leaseMs: 30,
    onFailure: (error, job) => failures.push(`${job}: ${(error as Error).message}`),
  });
  scheduler.start();
  await eventually("it fails again and again", () => failures.length >= 3);
  await scheduler.close();
  assert.deepEqual([most, running, failures[0]], [1, 0, "shaky: on purpose"]);
  const { runs, failures: failed } = scheduler.figures().get("shaky")!;
  assert.ok(runs >= 3 && failed === runs);
});
