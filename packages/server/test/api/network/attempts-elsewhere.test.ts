import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openConnection } from "../../support/connection.ts";
import { type Served, serveProgram } from "../../support/program.ts";
import { databaseNames, freshDatabase, fullToken } from "../../support/world.ts";

/** Wrong passwords of a device for an account that cost no wait, and those whose wait is shorter than the longest. */
const free = 10;
const growing = 4;
/** A little less than it is, for processes hear of each other later. */
const longestPauseMs = 2_400;

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
      const guess = async (password = `wrong-${count}`) => {
        count += 1;
        const connection = connections[count % connections.length]!;
        const answer = await connection.ask("POST", "/device_app_user_authenticate/", {
          username: "guessed",
          password,
          device_id: "phone",
        });
        // A moment, in which the others are told of it.
        await new Promise((resolve) => setTimeout(resolve, 150));
        return answer?.body.code as string | undefined;
      };
      for (let tries = 0; tries < free + growing; tries += 1) assert.equal(await guess(), "access.wrong_credential");
      const startedAt = performance.now();
      for (const _ of connections) assert.equal(await guess(), "access.wrong_credential");
      assert.equal(await guess("right-one"), undefined, "it is looked at");
      const leastMs = connections.length * longestPauseMs;
      assert.ok(performance.now() - startedAt > leastMs, "one after the other, whichever process is asked");
      for (const connection of connections) connection.close();
    });
  });
}
