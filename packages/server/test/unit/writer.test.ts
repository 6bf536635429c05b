import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Writer, type WriterConnection, type WriterErrors } from "../../src/storage/writer.ts";

const errors: WriterErrors = { busy: () => new Error("busy"), notKept: (cause) => new Error("not kept", { cause }) };

/** A connection that fails at the statements named, once each, and notes what it was told. A flush takes as long as it is told to. */
const connection = (failing: string[], flush = Promise.resolve()): WriterConnection & { said: string[] } => {
  const said: string[] = [];
  let isOpen = false;
  const say = (what: string): void => {
    said.push(what);
    const index = failing.indexOf(what);
    if (index === -1) return;
    failing.splice(index, 1);
    throw new Error(`disk I/O error at ${what}`);
  };
  return {
    said,
    pause: () => undefined,
    async flush() {
      say("flush");
      await flush;
    },
    execute(statement) {
      say(statement);
      if (statement === "begin immediate") isOpen = true;
      if (statement === "commit" || statement === "rollback") isOpen = false;
    },
    isBusy: () => false,
    inTransaction: () => isOpen,
  };
};

describe("the queue of units", () => {
  it("is settled when what was begun is on disk", async () => {
    const flush = Promise.withResolvers<void>();
    const fake = connection([], flush.promise);
    const writer = new Writer(fake, errors, () => 0);
    await writer.settle();
    const unit = writer.run(async () => "done");
    let isSettled = false;
    const settled = writer.settle().then(() => {
      isSettled = true;
    });
    while (!fake.said.includes("flush")) await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.equal(isSettled, false);
    flush.resolve();
    assert.equal(await unit, "done");
    await settled;
  });

  it("commits units that wait together by one flush, in order", async () => {
    const fake = connection([]);
    // No time passes: on a busy machine a group ends after one unit.
    const writer = new Writer(fake, errors, () => 0);
    const order: number[] = [];
    const answers = await Promise.all([1, 2, 3].map((value) => writer.run(async () => order.push(value))));
    assert.deepEqual(
      [order, answers],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    );
    assert.equal(fake.said.filter((statement) => statement === "commit").length, 1);
  });

  it("undoes a unit that throws and keeps its neighbours", async () => {
    const fake = connection([]);
    const writer = new Writer(fake, errors);
    const results = await Promise.allSettled([
      writer.run(async () => "kept"),
      writer.run(async () => {
        throw new Error("refused");
      }),
    ]);
    assert.deepEqual(
      results.map((result) => result.status),
      ["fulfilled", "rejected"],
    );
    assert.ok(fake.said.includes("rollback to unit"));
  });

  for (const statement of ["begin immediate", "savepoint unit", "release unit", "rollback to unit", "commit"] as const) {
    it(`answers every unit and goes on when "${statement}" fails`, async () => {
      const fake = connection([statement]);
      const writer = new Writer(fake, errors);
      const failing = await Promise.allSettled([
        writer.run(async () => {
          if (statement === "rollback to unit") throw new Error("refused");
        }),
      ]);
      assert.equal(failing[0]!.status, "rejected");
      assert.equal(await writer.run(async () => "next"), "next");
    });
  }

  it("answers nobody before what was committed is on disk, and lets nobody in meanwhile", async () => {
    const { promise: onDisk, resolve: finish } = Promise.withResolvers<void>();
    const fake = connection([], onDisk);
    const writer = new Writer(fake, errors);
    let answered = 0;
    const units = [1, 2].map(() => writer.run(async () => {}).then(() => (answered += 1)));
    while (!fake.said.includes("flush")) await new Promise(setImmediate);
    const later = writer.run(async () => {}).then(() => (answered += 1));
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    assert.deepEqual([answered, fake.said.at(-1)], [0, "flush"]);
    finish();
    await Promise.all([...units, later]);
    assert.equal(fake.said.filter((what) => what === "flush").length, 2);
  });

  it("takes no unit any more when the disk has failed to keep one", async () => {
    const fake = connection(["flush"]);
    const writer = new Writer(fake, errors);
    const failed = await Promise.allSettled([writer.run(async () => {}), writer.run(async () => {})]);
    for (const one of failed) assert.match(String((one as PromiseRejectedResult).reason), /not kept/);
    const saidBefore = fake.said.length;
    await assert.rejects(
      writer.run(async () => assert.fail("the unit ran")),
      /not kept/,
    );
    assert.equal(fake.said.length, saidBefore);
  });
});
