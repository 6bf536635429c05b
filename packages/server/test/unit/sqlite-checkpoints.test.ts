import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import BetterSqlite from "better-sqlite3";
import { createCheckpoints } from "../../src/storage/dialects/sqlite-checkpoints.ts";
import { sideThreadOf } from "../../src/storage/dialects/sqlite-side-thread.ts";
import { eventually } from "../support/eventually.ts";

describe("the checkpoints of SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-checkpoints-"));
  let files = 0;
  let file: string;
  let connection: BetterSqlite.Database;
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    files += 1;
    file = join(folder, `${files}.db`);
    connection = new BetterSqlite(file);
    connection.pragma("journal_mode = wal");
    connection.exec("create table page (content blob)");
  });

  /** Commits of ten pages each, as a writer that looks after its log makes them. */
  const commit = (times: number, committed: () => void, between?: () => Promise<void>) => {
    const insert = connection.prepare("insert into page values (zeroblob(36000))");
    return (async () => {
      for (let time = 0; time < times; time += 1) {
        insert.run();
        committed();
        await between?.();
      }
    })();
  };
  const inLog = () => {
    const other = new BetterSqlite(file);
    const { log, checkpointed } = other.prepare("pragma wal_checkpoint(noop)").get() as { log: number; checkpointed: number };
    other.close();
    return { log, waiting: log - checkpointed };
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  it("happen in the thread while commits go on, and the log begins anew", async () => {
    const thread = sideThreadOf(file);
    let begun = 0;
    let done = 0;
    const inThread = async () => {
      begun += 1;
      await thread.checkpoint();
      done += 1;
    };
    const { committed, pause } = createCheckpoints({ connection, inThread, isThreadBusy: thread.isBusy });
    // As the writer does: what is to be waited for is waited for between two commits.
    const turnAndPause = async () => {
      await turn();
      await pause();
    };
    const startedAt = performance.now();
    // The thread takes its time to start: commits go on until it has copied twice.
    while (done < 2) {
      assert.ok(performance.now() - startedAt < 120_000, "the thread copied nothing");
      await commit(20, committed, turnAndPause);
    }
    await commit(4, committed, turnAndPause);
    assert.ok(begun >= 2);
    assert.ok(inLog().waiting < 16_000, `${inLog().waiting} pages wait`);
    const rows = connection.prepare("select count(*) from page").pluck().get() as number;
    assert.ok(inLog().log < rows * 9, `the log holds ${inLog().log} pages of ${rows * 9}: it never began anew`);
    await thread.close();
    connection.close();
    const reopened = new BetterSqlite(file);
    assert.equal(reopened.prepare("select count(*) from page").pluck().get(), rows);
    assert.equal(reopened.pragma("integrity_check", { simple: true }), "ok");
    reopened.close();
  });

  it("are made by the connection itself where the thread fails", async () => {
    let failed = 0;
    const { committed } = createCheckpoints({
      connection,
      inThread: async () => {
        failed += 1;
        throw new Error("no thread");
      },
      isThreadBusy: () => false,
    });
    await commit(1_200, committed, turn);
    assert.ok(failed >= 2, `${failed}`);
    assert.ok(inLog().waiting < 4_100, `${inLog().waiting} pages wait`);
    assert.ok(statSync(`${file}-wal`).size < 4_200 * 4_200);
    connection.close();
  });

  it("do not wait for a thread that never answers", async () => {
    const { committed } = createCheckpoints({ connection, inThread: () => new Promise(() => {}), isThreadBusy: () => true });
    await commit(2_600, committed);
    assert.ok(inLog().log < 16_100, `${inLog().log} pages in the log`);
    connection.close();
  });

  it("let units wait while the end of the log is copied, though not for long", async () => {
    const answers: (() => void)[] = [];
    const inThread = () => new Promise<void>((resolve) => answers.push(resolve));
    let isBusy = true;
    const { committed, pause } = createCheckpoints({ connection, inThread, isThreadBusy: () => isBusy });
    await commit(450, committed);
    assert.deepEqual([answers.length, pause()], [1, undefined], "units wait for the greater part");
    answers.shift()!();
    await turn();
    assert.deepEqual([answers.length, pause()], [0, undefined], "units wait for a thread that does something else");
    isBusy = false;
    committed();
    assert.equal(answers.length, 1);
    let waited = false;
    const units = pause()!.then(() => (waited = true));
    await turn();
    assert.equal(waited, false);
    answers.shift()!();
    await units;
    assert.equal(pause(), undefined);

    // A thread that does not come back is waited for no longer than a second.
    await commit(450, committed);
    answers.shift()!();
    await turn();
    assert.equal(answers.length, 1);
    const startedAt = performance.now();
    await pause();
    const waitedMs = performance.now() - startedAt;
    assert.ok(waitedMs > 500 && waitedMs < 120_000, `${waitedMs} ms`);
    connection.close();
  });

  it("wait for the end of a transaction", async () => {
    const thread = Promise.withResolvers<void>();
    const beside = sideThreadOf(file);
    let asked = 0;
    const inThread = async () => {
      asked += 1;
      await thread.promise;
      if (asked > 1) await beside.checkpoint();
    };
    const { committed, pause } = createCheckpoints({ connection, inThread, isThreadBusy: beside.isBusy });
    await commit(450, committed);
    connection.exec("begin");
    connection.prepare("select count(*) from page").get();
    thread.resolve();
    await turn();
    assert.deepEqual([asked, pause()], [1, undefined]);
    connection.exec("commit");
    committed();
    // A busy thread is waited for no longer than a second, and copies on after it.
    await pause();
    await eventually("the log is copied", () => inLog().waiting === 0);
    assert.equal(asked, 2);
    await beside.close();
    connection.close();
  });
});
