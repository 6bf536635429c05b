import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { type PostgresServer, startPostgres } from "../support/postgres-server.ts";
import { runProgram, serveProgram } from "../support/program.ts";
import { stockPostgres } from "../support/stock-postgres.ts";
import { certificate, key } from "../support/tls-server.ts";
import { fullToken } from "../support/world.ts";

/** The suite's own server; in the lane of the installed one that one, whose TLS is Debian's. */
const start = process.env["TEST_POSTGRES_KIND"] === "stock" ? stockPostgres : startPostgres;

describe("a PostgreSQL that speaks TLS", () => {
  let server: PostgresServer;
  let directory: string;
  let environment: Record<string, string>;
  before(async () => {
    server = await start({ tls: { certificate, key } });
    directory = await mkdtemp(join(tmpdir(), "gatehouse-tls-"));
    await writeFile(join(directory, "authority.crt"), certificate);
    environment = {
      GATEHOUSE_DATA_DIR: directory,
      GATEHOUSE_BOOTSTRAP_TOKEN: fullToken,
      GATEHOUSE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
      GATEHOUSE_RADIUS_AUTH_PORT: "off",
      GATEHOUSE_RADIUS_ACCT_PORT: "off",
    };
  });
  after(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const authority = () => `sslrootcert=${join(directory, "authority.crt")}`;
  /** The certificate is for `localhost`. */
  const url = (query: string, host = "localhost") => `${server.url("postgres").replace("127.0.0.1", host)}?${query}`;

  /** Which of Gatehouse's connections are encrypted, by what they are for. */
  const encrypted = async (): Promise<Map<string, Set<boolean>>> => {
    const client = new pg.Client({ connectionString: server.url("postgres") });
    await client.connect();
    const { rows } = await client.query<{ application_name: string; ssl: boolean }>(
      "select application_name, ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name like 'gatehouse%'",
    );
    await client.end();
    const found = new Map<string, Set<boolean>>();
    for (const { application_name: name, ssl } of rows) found.set(name, (found.get(name) ?? new Set()).add(ssl));
    return found;
  };

  for (const query of ["sslmode=verify-full", "sslmode=require", "sslmode=prefer", "sslmode=no-verify"]) {
    it(`is served by ${query}, every connection encrypted`, async () => {
      const options = query === "sslmode=no-verify" ? query : `${query}&${authority()}`;
      const gatehouse = await serveProgram({ ...environment, DATABASE_URL: url(options) });
      try {
        const answer = await gatehouse.request("GET", "/user/", fullToken);
        assert.equal(answer.status, 200, await answer.text());
        const connections = await encrypted();
        assert.deepEqual([...connections.keys()].sort(), ["gatehouse", "gatehouse signals"]);
        assert.deepEqual(
          [...connections.values()].map((kinds) => [...kinds]),
          [[true], [true]],
        );
      } finally {
        await gatehouse.end("SIGTERM");
      }
    });
  }

  it("is served by two workers as well", async () => {
    const settings = { ...environment, DATABASE_URL: url(`sslmode=verify-full&${authority()}`) };
    const gatehouse = await serveProgram(settings, ["serve", "--workers", "2"]);
    try {
      assert.equal((await gatehouse.request("GET", "/user/", fullToken)).status, 200);
      for (const [name, kinds] of await encrypted()) assert.deepEqual([...kinds], [true], name);
    } finally {
      await gatehouse.end("SIGTERM");
    }
  });

  it("is refused where nobody vouches for it, or for its name, and told so", async () => {
    const refusal = async (database: string): Promise<string> => {
      const { code, stderr } = await runProgram(["token", "list"], { ...environment, DATABASE_URL: database });
      assert.equal(code, 1, stderr);
      return stderr;
    };
    assert.match(await refusal(url("sslmode=verify-full")), /no authority that is known here has signed its certificate/);
    assert.match(await refusal(url(`sslmode=verify-full&${authority()}`, "127.0.0.1")), /its certificate is for another host/);
  });
});
