import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import BetterSqlite from "better-sqlite3";
import { logFlushOf } from "../../src/storage/dialects/sqlite-log-flush.ts";

describe("the flush of SQLite's log", () => {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-flush-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const open = (name: string) => {
    const connection = new BetterSqlite(join(folder, name));
    connection.pragma("journal_mode = wal");
    connection.exec("create table page (content blob)");
    return connection;
  };

  /** Whether a process of its own gets the write lock. */
  const isLockedOut = (file: string): boolean => {
    const program = `
      const connection = new (require("better-sqlite3"))(${JSON.stringify(file)}, { timeout: 0 });
      try { connection.exec("begin immediate"); console.log("in"); } catch (error) { console.log(error.code); }`;
    return execFileSync(process.execPath, ["-e", program], { encoding: "utf8", cwd: import.meta.dirname }).trim() === "SQLITE_BUSY";
  };

  it("follows the log when it begins anew", async () => {
    const connection = open("anew.db");
    const log = logFlushOf(connection.name);
    for (let time = 0; time < 3; time += 1) {
      connection.exec("insert into page values (zeroblob(50000))");
      await log.flush();
      connection.pragma("wal_checkpoint(truncate)");
    }
    await log.flush();
    await log.close();
    connection.close();
  });

  it("drops none of SQLite's locks when it ends", async () => {
    const connection = open("locked.db");
    const log = logFlushOf(connection.name);
    await log.flush();
    connection.exec("begin immediate");
    await log.close();
    assert.equal(isLockedOut(connection.name), true);
    connection.exec("commit");
    assert.equal(isLockedOut(connection.name), false);
    connection.close();
  });

  it("says so where there is no log to be flushed", async () => {
    await assert.rejects(logFlushOf(join(folder, "none.db")).flush(), { code: "ENOENT" });
  });
});
