import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { openConnection } from "../support/connection.ts";
import { eventually } from "../support/eventually.ts";
import { assertNothingLost, loadLedger } from "../support/ledger-load.ts";
import { runProgram, type Served, serveProgram } from "../support/program.ts";
import { databaseNames, freshDatabase, fullToken } from "../support/world.ts";

interface WorkerLine {
  readonly listens: number;
  readonly role: string;
  readonly pid: number;
}

/** The workers that have come to listen so far, in order, as the log tells. */
const workersOf = (server: Served): WorkerLine[] =>
  server
    .output()
    .split("\n")
    .filter((line) => line.includes('"a worker listens"'))
    .map((line) => JSON.parse(line) as WorkerLine);

const workersListen = async (server: Served, count: number): Promise<WorkerLine[]> => {
  await eventually(`${count} workers are in the log`, () => workersOf(server).length >= count);
  return workersOf(server);
};

for (const database of databaseNames) {
  describe(`gatehouse serve --workers 2 (${database})`, () => {
    let environment: Record<string, string>;
    let drop: () => Promise<void>;
    let server: Served;
    before(async () => {
      ({ environment, drop } = await freshDatabase(database));
      server = await serveProgram({ ...environment, GATEHOUSE_LOG_LEVEL: "info" }, ["serve", "--workers", "2"]);
    });
    after(async () => {
      await server.end("SIGKILL");
      await drop();
    });

    it("prints one banner, and both workers answer on its port, by turns", async () => {
      assert.equal(server.output().match(/Gatehouse is ready/g)?.length, 1);
      const workers = await workersListen(server, 2);
      assert.deepEqual(workers.map(({ role }) => role).sort(), database === "sqlite" ? ["reader", "writer"] : ["node", "node"]);
      const connections = Array.from({ length: 6 }, () => openConnection(server.address, fullToken));
      for (const connection of connections) assert.equal((await connection.ask("GET", "/user/1/"))?.status, 200);
      for (const connection of connections) connection.close();
      const answeredBy = (worker: number) =>
        server.output().match(new RegExp(`"worker":${worker},[^\\n]*"operation":"user_read"`, "g"))?.length ?? 0;
      await eventually("all six are in the log", () => answeredBy(1) + answeredBy(2) === 6);
      assert.deepEqual([answeredBy(1), answeredBy(2)], [3, 3]);
    });

    it("shows what one worker has written to the other, and revokes a token for both", async () => {
      const connections = Array.from({ length: 4 }, () => openConnection(server.address, fullToken));
      for (const [index, connection] of connections.entries()) {
        const made = await connection.ask("POST", "/user/", { username: `by.turns.${index}` });
        assert.equal(made?.status, 201);
        for (const other of connections) assert.equal((await other.ask("GET", `/user/${made!.body.id}/`))?.status, 200);
      }
      const token = (await connections[0]!.ask("POST", "/api_token/", { name: "short", scopes: ["user:read"] }))!.body;
      const holders = Array.from({ length: 4 }, () => openConnection(server.address, token.token));
      for (const holder of holders) assert.equal((await holder.ask("GET", "/user/1/"))?.status, 200);
      assert.equal((await connections[1]!.ask("DELETE", `/api_token/${token.id}/`))?.status, 204);
      for (const holder of holders) {
        await eventually("the token is refused", async () => (await holder.ask("GET", "/user/1/"))?.status === 401);
        holder.close();
      }
      for (const connection of connections) connection.close();
    });

    it("sums the metrics of both", async () => {
      const connections = Array.from({ length: 4 }, () => openConnection(server.address, fullToken));
      const count = async () => {
        const { body } = (await connections[0]!.ask("GET", "/metrics"))!;
        return {
          reads: Number(/_count\{operation="user_token_read",status="2xx"\} (\d+)/.exec(body)?.[1] ?? 0),
          processes: Number(/^gatehouse_processes (\d+)$/m.exec(body)?.[1]),
          leases: Number(/^gatehouse_scheduler_leases (\d+)$/m.exec(body)?.[1]),
        };
      };
      const was = await count();
      for (const connection of connections) {
        for (let index = 0; index < 5; index += 1) assert.equal((await connection.ask("GET", "/user_token/1/"))?.status, 200);
      }
      const is = await count();
      assert.equal(is.reads - was.reads, 20);
      assert.equal(is.processes, 2);
      await eventually("one process has the lease", async () => (await count()).leases === 1);
      for (const connection of connections) connection.close();
    });

    it("ends cleanly on SIGTERM, with the requests that it had begun answered", async () => {
      const load = loadLedger(server.address, 4);
      await eventually("the load is under way", () => load.acknowledged.length > 20);
      const [ended] = await Promise.all([server.end("SIGTERM"), load.stop()]);
      assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, ""]);
      for (const statuses of [load.reads, load.writes]) {
        assert.deepEqual(
          [...statuses.keys()].filter((status) => status !== 200 && status !== 503),
          [],
        );
      }
      server = await serveProgram(environment);
      await assertNothingLost(server.address, load.acknowledged);
    });
  });
}

describe("a killed worker on a database with one writer", () => {
  let environment: Record<string, string>;
  let drop: () => Promise<void>;
  let server: Served;
  before(async () => {
    ({ environment, drop } = await freshDatabase("sqlite"));
    server = await serveProgram(environment, ["serve", "--workers", "2"]);
  });
  after(async () => {
    await server.end("SIGKILL");
    await drop();
  });

  const pidOf = (role: string) => workersOf(server).findLast((worker) => worker.role === role)!.pid;

  it("that reads: no request at the other one fails, and another takes its place", async () => {
    await workersListen(server, 2);
    const load = loadLedger(server.address, 6);
    await eventually("the load is under way", () => load.acknowledged.length > 60);
    process.kill(pidOf("reader"), "SIGKILL");
    await workersListen(server, 3);
    const { length } = load.acknowledged;
    await eventually("it goes on", () => load.acknowledged.length > length + 60);
    await load.stop();
    const unbroken = load.connections.filter((connection) => connection.breaks() === 0).length;
    assert.ok(unbroken > 0 && unbroken < 6, `${unbroken} of 6 connections were not the dead worker's`);
    assert.deepEqual([[...load.reads.keys()], [...load.writes.keys()]], [[200], [200]]);
    await assertNothingLost(server.address, load.acknowledged);
  });

  it("breaks the connections that were on their way to it, so that no client waits for ever", async () => {
    const pid = pidOf("reader");
    // A stopped worker takes no connection: the one that is its turn hangs between the processes.
    process.kill(pid, "SIGSTOP");
    const connections = Array.from({ length: 4 }, () => openConnection(server.address, fullToken));
    const answers = connections.map((connection) => connection.ask("GET", "/user/1/"));
    await Promise.race(answers);
    const listening = workersOf(server).length;
    process.kill(pid, "SIGKILL");
    const statuses = (await Promise.all(answers)).map((answer) => answer?.status);
    assert.ok(statuses.includes(200) && statuses.includes(undefined), String(statuses));
    for (const connection of connections) {
      assert.equal((await connection.ask("GET", "/user/1/"))?.status, 200);
      connection.close();
    }
    await workersListen(server, listening + 1);
  });

  it("that writes: reading goes on, writes are refused until there is another, and nothing acknowledged is lost", async () => {
    const load = loadLedger(server.address, 6);
    await eventually("the load is under way", () => load.acknowledged.length > 60);
    process.kill(pidOf("writer"), "SIGKILL");
    await eventually("writes are refused", () => load.writes.has(503));
    await workersListen(server, workersOf(server).length + 1);
    const { length } = load.acknowledged;
    await eventually("writes go on", () => load.acknowledged.length > length + 60);
    await load.stop();
    assert.deepEqual([...load.reads.keys()], [200]);
    assert.deepEqual([...load.writes.keys()].sort(), [200, 503]);
    await assertNothingLost(server.address, load.acknowledged);
    assert.match(server.output(), /"died":\d,"role":"writer"[^\n]*"signal":"SIGKILL"/);
  });
});

describe("workers that need more connections than there are", () => {
  it("start, and the log warns with both numbers", async () => {
    const { environment, drop } = await freshDatabase("postgres");
    const server = await serveProgram({ ...environment, GATEHOUSE_DATABASE_POOL: "500" }, ["serve", "--workers", "2"]);
    const warning = server
      .output()
      .split("\n")
      .find((line) => line.includes("max_connections"));
    assert.ok(warning);
    const { needed, given } = JSON.parse(warning) as { needed: number; given: number };
    assert.ok(needed === 1_002 && given < needed);
    assert.equal((await server.end("SIGINT")).code, 0);
    await drop();
  });
});

describe("workers that cannot start", () => {
  it("end the whole with the reason and exit code 1", async () => {
    const { environment, drop } = await freshDatabase("sqlite");
    const taken = createServer();
    await new Promise<void>((resolve) => void taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const ended = await runProgram(["serve", "--workers", "2"], { ...environment, GATEHOUSE_PORT: String(port) });
    taken.close();
    await drop();
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^gatehouse: Worker \d does not start: Port \d+ of 127\.0\.0\.1 is in use\./);
    assert.ok(!ended.stderr.includes("    at "), ended.stderr);
  });

  it("by their number are refused in words", async () => {
    for (const number of ["0", "65", "two"]) {
      const ended = await runProgram(["serve", "--workers", number], {});
      assert.equal(ended.code, 1, number);
      assert.match(ended.stderr, /Give a number from 1 to 64, or auto\./);
    }
  });
});
