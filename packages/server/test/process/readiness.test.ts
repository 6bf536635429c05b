import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import BetterSqlite from "better-sqlite3";
import { eventually } from "../support/eventually.ts";
import { type Served, serveProgram } from "../support/program.ts";
import { type DatabaseName, freshDatabase, fullToken } from "../support/world.ts";

interface Readiness {
  readonly status: number;
  readonly troubles: readonly string[];
}

const readinessOf = async (server: Served): Promise<Readiness> => {
  // A connection of its own each time: any worker may answer.
  const answer = await fetch(`${server.address}/readyz`, { headers: { connection: "close" } });
  return { status: answer.status, troubles: ((await answer.json()) as { troubles?: string[] }).troubles ?? [] };
};

/** Waits until every one of many questions is answered alike, whichever worker is asked. */
const becomes = async (server: Served, what: string, fits: (readiness: Readiness) => boolean): Promise<void> =>
  eventually(what, async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => readinessOf(server)));
    return answers.every(fits);
  });

const addClient = async (server: Served): Promise<void> => {
  const client = { short_name: "ap", organization: 1, address: "127.0.0.1", secret: "a secret of the access point" };
  assert.equal((await server.request("POST", "/aaa_client/", fullToken, client)).status, 201);
};

describe("a node that cannot do its work", () => {
  for (const [database, workers] of [
    ["sqlite", 1],
    ["sqlite", 2],
    ["postgres", 2],
  ] as const satisfies readonly (readonly [DatabaseName, number])[]) {
    it(`is not ready while another process has its RADIUS port, and names that one (${database}, --workers ${workers})`, async () => {
      const { environment, drop } = await freshDatabase(database);
      const stranger = createSocket({ type: "udp4", reusePort: process.platform === "linux" });
      stranger.bind(0, "127.0.0.1");
      await once(stranger, "listening");
      const { port } = stranger.address();
      const server = await serveProgram(
        { ...environment, GATEHOUSE_RADIUS_HOST: "127.0.0.1", GATEHOUSE_RADIUS_AUTH_PORT: String(port), GATEHOUSE_RADIUS_ACCT_PORT: "off" },
        ["serve", "--workers", String(workers)],
      );
      try {
        await becomes(server, "no client, no sockets wanted", ({ status }) => status === 200);
        await addClient(server);
        await becomes(server, "the missing socket is told", ({ status, troubles }) => {
          return status === 503 && troubles.length === 1 && new RegExp(`UDP port ${port} of 127\\.0\\.0\\.1`).test(troubles[0]!);
        });
        if (process.platform === "linux") {
          await eventually("the log names the process", () =>
            new RegExp(`UDP port ${port} is taken by [^"]*\\(process ${process.pid}\\)`).test(server.output()),
          );
        }
      } finally {
        await server.end("SIGTERM");
        stranger.close();
        await drop();
      }
    });
  }

  it("is not ready when a second Gatehouse has the port", async () => {
    const [one, two] = [await freshDatabase("sqlite"), await freshDatabase("sqlite")];
    const probe = createSocket("udp4");
    probe.bind(0, "127.0.0.1");
    await once(probe, "listening");
    const ports = { GATEHOUSE_RADIUS_AUTH_PORT: String(probe.address().port), GATEHOUSE_RADIUS_ACCT_PORT: "off" };
    await new Promise<void>((resolve) => probe.close(() => resolve()));
    const serve = (environment: Record<string, string>) => serveProgram({ ...environment, ...ports, GATEHOUSE_RADIUS_HOST: "127.0.0.1" });
    const [first, second] = [await serve(one.environment), await serve(two.environment)];
    try {
      await addClient(first);
      await eventually("the first listens", () => first.output().includes('"RADIUS listens"'));
      await addClient(second);
      await becomes(second, "the second is not ready", ({ status }) => status === 503);
      if (process.platform === "linux")
        await eventually("and names the first", () => second.output().includes(`gatehouse (process ${first.pid})`));
      await becomes(first, "the first is", ({ status }) => status === 200);
    } finally {
      await Promise.all([first.end("SIGTERM"), second.end("SIGTERM")]);
      await Promise.all([one.drop(), two.drop()]);
    }
  });

  it("is not ready when its database is damaged, though it still answers", async () => {
    const { environment, drop } = await freshDatabase("sqlite");
    const file = join(environment["GATEHOUSE_DATA_DIR"]!, "gatehouse.db");
    const connection = new BetterSqlite(file);
    connection.pragma("wal_checkpoint(truncate)");
    const pageSize = connection.pragma("page_size", { simple: true }) as number;
    const root = connection.prepare("select rootpage from sqlite_master where type = 'index' and tbl_name = 'audit_entry'").pluck().get();
    connection.close();
    const bytes = await open(file, "r+");
    await bytes.write(Buffer.alloc(pageSize, 0x55), 0, pageSize, ((root as number) - 1) * pageSize);
    await bytes.close();
    const server = await serveProgram(environment);
    try {
      await becomes(server, "damage is found", ({ status, troubles }) => status === 503 && /damaged.*backup/.test(troubles.join()));
      assert.equal((await server.request("GET", "/user/1/", fullToken)).status, 200);
      await eventually("the log says what was found", () => /"damage":"/.test(server.output()));
    } finally {
      await server.end("SIGTERM");
      await drop();
    }
  });
});

describe("the log of requests", () => {
  it("has the path without its query and the client's address, and no line for a probe", async () => {
    const { environment, drop } = await freshDatabase("sqlite");
    const server = await serveProgram(environment);
    try {
      for (const path of ["/healthz", "/readyz"]) assert.equal((await fetch(`${server.address}${path}`)).status, 200);
      assert.equal((await server.request("GET", "/user/?username=somebody", fullToken)).status, 200);
      await eventually("the line is written", () => server.output().includes('"user_list"'));
      const lines = server.output().split("\n");
      const line = JSON.parse(lines.find((one) => one.includes('"user_list"'))!) as Record<string, unknown>;
      assert.deepEqual([line["path"], line["address"]], ["/api/v1/user/", "127.0.0.1"]);
      assert.ok(!lines.some((one) => /somebody|healthz|readyz/.test(one) && one.includes('"msg":"request"')));
    } finally {
      await server.end("SIGTERM");
      await drop();
    }
  });
});
