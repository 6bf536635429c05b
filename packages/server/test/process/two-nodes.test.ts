import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openConnection } from "../support/connection.ts";
import { eventually } from "../support/eventually.ts";
import { assertNothingLost, loadLedger } from "../support/ledger-load.ts";
import { type Served, serveProgram } from "../support/program.ts";
import { freshDatabase, fullToken } from "../support/world.ts";

describe("two nodes on one PostgreSQL database", () => {
  let environment: Record<string, string>;
  let drop: () => Promise<void>;
  let nodes: Served[];
  before(async () => {
    ({ environment, drop } = await freshDatabase("postgres"));
    // Nodes share nothing but the database: each has a data directory that the other does not know.
    nodes = await Promise.all(
      ["a", "b"].map((name) =>
        serveProgram({ ...environment, GATEHOUSE_DATA_DIR: `${environment["GATEHOUSE_DATA_DIR"]}/${name}` }, ["serve"]),
      ),
    );
  });
  after(async () => {
    for (const node of nodes) await node.end("SIGKILL");
    await drop();
  });

  it("show each other's writes at once", async () => {
    const [a, b] = nodes.map((node) => openConnection(node.address, fullToken)) as [
      ReturnType<typeof openConnection>,
      ReturnType<typeof openConnection>,
    ];
    for (let round = 0; round < 10; round += 1) {
      const made = await (round % 2 === 0 ? a : b).ask("POST", "/user/", { username: `made.${round}` });
      assert.equal(made?.status, 201);
      const read = await (round % 2 === 0 ? b : a).ask("GET", `/user/${made!.body.id}/`);
      assert.deepEqual([read?.status, read?.body], [200, made!.body]);
    }
    a.close();
    b.close();
  });

  it("lose nothing when one is killed under load, and the other goes on without a failure", async () => {
    const loads = nodes.map((node) => loadLedger(node.address, 4));
    await eventually("both are under load", () => loads.every((load) => load.acknowledged.length > 60));
    await nodes[0]!.end("SIGKILL");
    const { length } = loads[1]!.acknowledged;
    await eventually("the other goes on", () => loads[1]!.acknowledged.length > length + 60);
    await Promise.all(loads.map((load) => load.stop()));
    assert.deepEqual([[...loads[1]!.reads.keys()], [...loads[1]!.writes.keys()]], [[200], [200]]);
    assert.ok(loads[1]!.connections.every((connection) => connection.breaks() === 0));
    await assertNothingLost(
      nodes[1]!.address,
      loads.flatMap((load) => load.acknowledged),
    );
  });
});
