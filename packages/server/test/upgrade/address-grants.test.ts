import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { pino } from "pino";
import { readConfig } from "../../src/config/settings.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { hashToken } from "../../src/modules/foundation/api-tokens/index.ts";
import { createSecretBox } from "../../src/modules/foundation/keys/index.ts";
import { openDatabase, openInstallation } from "../../src/startup/installation.ts";
import { migrations } from "../../src/storage/migrations/index.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { runProgram } from "../support/program.ts";
import { databaseNames, freshDatabase } from "../support/world.ts";
import { dataOf0001, tokenOf0001 } from "./data-of-0001.ts";

/** Clients of the root (1), the café (2) and the hotel (7), as any tenant could make them at any address. */
const clients = [
  { id: 1, space: 1, organization: 1, address: "10.0.0.5" },
  { id: 2, space: 1, organization: 2, address: "10.0.0.0/8" },
  { id: 3, space: 7, organization: 7, address: "10.9.9.0/24" },
  { id: 4, space: 7, organization: 7, address: "2001:db8::/48" },
  { id: 5, space: 1, organization: 1, address: "198.51.100.1" },
  { id: 6, space: 1, organization: 1, address: "0.0.0.0/0" },
] as const;

for (const name of databaseNames) {
  describe(`clients from before addresses were owned (${name})`, () => {
    it("are served where they were, and overlaps of tenants are told to the root", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const log: string[] = [];
      const logger = pino({ level: "warn" }, { write: (line: string) => void log.push(line) });
      try {
        const config = readConfig(environment);
        const database = await openDatabase(config, logger);
        const before = migrations.findIndex((step) => step.name === "0011-address-grants");
        await migrate(database, systemClock, migrations.slice(0, before));
        const box = createSecretBox(Buffer.from(environment["GATEHOUSE_SECRET_KEY"]!, "base64"));
        await database.write(async (handle) => {
          for (const text of dataOf0001) {
            const insert = text.replace("{TOKEN_HASH}", hashToken(tokenOf0001));
            if (!insert.includes("into kept_count")) await sql.raw(insert).execute(handle);
          }
          for (const { id, space, organization, address } of clients) {
            const secret = box.seal(`secret-${id}`, `aaa_client.secret/${space}/${id}`);
            await sql`insert into aaa_client (name_space_id, id, organization_id, short_name, address, secret, coa_port, require_message_authenticator, is_active, created_at, last_change, version)
              values (${space}, ${id}, ${organization}, ${`ap-${id}`}, ${address}, ${secret}, 3799, true, true, 1, 1, 1)`.execute(handle);
            await sql`insert into aaa_client_address (address, client_id) values (${address}, ${id})`.execute(handle);
          }
        });
        await database.close();

        const ran = await runProgram(["migrate"], environment);
        assert.equal(ran.code, 0, ran.stderr);
        assert.match(ran.stdout, /ran 0011-address-grants/);
        const rows = ran.stdout.slice(ran.stdout.indexOf("overlap")).split("\n").slice(3, -1);
        assert.deepEqual(
          rows.map((row) => row.split(/ {2,}/)),
          [
            ["10.0.0.0/8", "cafe (2)", "2"],
            ["10.9.9.0/24", "hotel (7)", "3"],
          ],
        );

        const app = await openInstallation(config, logger);
        try {
          const sources = ["10.0.0.5", "10.0.0.6", "10.9.9.1", "2001:db8::7", "198.51.100.1", "203.0.113.1"];
          assert.deepEqual(
            sources.map((source) => app.services.aaaClients.table.find(source)?.id),
            [1, 2, 3, 4, 5, 6],
          );
          const ask = async (method: "GET" | "POST" | "DELETE", path: string, body?: object) => {
            const headers = { authorization: `Bearer ${tokenOf0001}` };
            return app.http.inject({ method, url: `/api/v1${path}`, headers, ...(body && { payload: body }) });
          };
          const grants = async (query: string) =>
            (await ask("GET", `/address_grant/?${query}`))
              .json()
              .results.map((row: { organization: number; network: string; shared: boolean }) => [
                row.organization,
                row.network,
                row.shared,
              ]);
          assert.deepEqual(await grants(""), [
            [1, "10.0.0.5", false],
            [2, "10.0.0.0/8", false],
            [7, "10.9.9.0/24", false],
            [7, "2001:db8::/48", false],
          ]);
          const disputed = await grants("disputed=true");
          assert.deepEqual(disputed, [
            [2, "10.0.0.0/8", false],
            [7, "10.9.9.0/24", false],
          ]);
          assert.equal(log.filter((line) => line.includes("overlap")).length, 1, log.join());
          assert.match(log.join(), /10\.9\.9\.0\/24/);

          // The dispute ends with one of them, and ids go on.
          assert.equal((await ask("DELETE", "/aaa_client/3/")).statusCode, 204);
          assert.equal((await ask("DELETE", "/address_grant/3/")).statusCode, 204);
          assert.deepEqual(await grants("disputed=true"), []);
          const made = await ask("POST", "/address_grant/", { organization: 7, network: "203.0.113.0/24" });
          assert.equal(made.statusCode, 201, made.body);
          assert.ok(made.json().id > 4);
        } finally {
          await app.close();
        }
      } finally {
        await drop();
      }
    });
  });
}
