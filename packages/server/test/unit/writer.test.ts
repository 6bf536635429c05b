import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Writer, type WriterConnection } from "../../src/storage/writer.ts";

/** A connection that fails at the statements named, once each, and notes what it was told. */
const connection = (failing: string[]): WriterConnection & { said: string[] } => {
  const said: string[] = [];
  let isOpen = false;
  return {
    said,
    execute(statement) {
      said.push(statement);
      const index = failing.indexOf(statement);
      if (index !== -1) {
        failing.splice(index, 1);
        throw new Error(`disk I/O error at ${statement}`);
      }
      if (statement === "begin immediate") isOpen = true;
      if (statement === "commit" || statement === "rollback") isOpen = false;
    },
    isBusy: () => false,
    inTransaction: () => isOpen,
  };
};

describe("the queue of units", () => {
  it("commits units that wait together by one flush, in order", async () => {
    const fake = connection([]);
    const writer = new Writer(fake, () => new Error("busy"));
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
    const writer = new Writer(fake, () => new Error("busy"));
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
      const writer = new Writer(fake, () => new Error("busy"));
      const failing = await Promise.allSettled([
        writer.run(async () => {
          if (statement === "rollback to unit") throw new Error("refused");
        }),
      ]);
      assert.equal(failing[0]!.status, "rejected");
      assert.equal(await writer.run(async () => "next"), "next");
    });
  }
});
