import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openConnection } from "../../support/connection.ts";
import { eventually } from "../../support/eventually.ts";
import { type Served, serveProgram } from "../../support/program.ts";
import { databaseNames, freshDatabase, fullToken } from "../../support/world.ts";

/** Wrong passwords of one place for one account that are looked at; then everybody waits. */
const most = 10;

for (const database of databaseNames) {
  describe(`somebody who guesses at every process of one database (${database})`, () => {
    let fresh: Awaited<ReturnType<typeof freshDatabase>>;
    let servers: Served[];
    before(async () => {
      fresh = await freshDatabase(database);
      // SQLite has one process that judges; PostgreSQL has as many as there are workers and nodes.
      const args = ["serve", "--workers", "2"];
      servers = await Promise.all(
        (database === "sqlite" ? ["a"] : ["a", "b"]).map((name) =>
          serveProgram(
            {
              ...fresh.environment,
              ...(database === "sqlite" ? {} : { GATEHOUSE_DATA_DIR: `${fresh.environment["GATEHOUSE_DATA_DIR"]}/${name}` }),
            },
            args,
          ),
        ),
      );
    });
    after(async () => {
      for (const server of servers) await server.end("SIGKILL");
      await fresh.drop();
    });

    it("has as many guesses as at one of them, and the right one waits with the wrong ones", async () => {
      const made = await servers[0]!.request("POST", "/user/", fullToken, { username: "guessed", password: "right-one" });
      assert.equal(made.status, 201);
      // Four connections reach all processes by turns.
      const connections = servers.flatMap(({ address }) => [openConnection(address, fullToken), openConnection(address, fullToken)]);
      let count = 0;
      const guess = async (rightOne?: string) => {
        count += 1;
        const password = rightOne ?? `wrong-${count}`;
        const connection = connections[count % connections.length]!;
        const answer = await connection.ask("POST", "/device_app_user_authenticate/", {
          username: "guessed",
          password,
          device_id: "phone",
        });
        return answer?.body.code as string | undefined;
      };
      let looked = 0;
      // One after another, each after the others were told of the one before.
      for (let tries = 0; tries < 3 * most; tries += 1) {
        if ((await guess()) === "access.wrong_credential") looked += 1;
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      // Those of a slow machine may overtake the word of the one before.
      assert.ok(looked >= most && looked <= most + 3, `${looked} were looked at`);
      await eventually("no process looks at any more", async () => {
        const codes = [];
        for (const _ of connections) codes.push(await guess("right-one"));
        return codes.every((code) => code === "access.too_many_attempts");
      });
      for (const connection of connections) connection.close();
    });
  });
}
