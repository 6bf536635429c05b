import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { type DoorPorts, type Equipment, openEquipment } from "../support/equipment.ts";
import { eventually } from "../support/eventually.ts";
import { type Served, serveProgram } from "../support/program.ts";
import { databaseNames, freshDatabase, fullToken } from "../support/world.ts";

const secret = "s3cret of the café";

/** A row of any list that the tests read. */
interface Row {
  readonly [field: string]: unknown;
}

/** Fails where somebody has taken one of the ports. */
const requireFree = async ({ authPort, acctPort }: DoorPorts): Promise<void> => {
  for (const port of [authPort, acctPort]) {
    const socket = createSocket("udp4");
    socket.bind({ port, address: "127.0.0.1", exclusive: true });
    await once(socket, "listening");
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
};

/** Two ports that nobody has, below those that the system gives to whoever asks for any. */
const choosePorts = async (): Promise<DoorPorts> => {
  const authPort = randomInt(10_000, 30_000);
  const ports = { authPort, acctPort: authPort + 1 };
  return requireFree(ports).then(
    () => ports,
    () => choosePorts(),
  );
};

for (const database of databaseNames) {
  for (const workers of database === "sqlite" ? [1, 2] : [2]) {
    describe(`RADIUS of gatehouse serve --workers ${workers} (${database})`, () => {
      let environment: Record<string, string>;
      let drop: () => Promise<void>;
      let server: Served;
      let ports: DoorPorts;
      let equipment: Equipment;
      const serve = () => serveProgram(environment, ["serve", "--workers", String(workers)]);
      before(async () => {
        ports = await choosePorts();
        const fresh = await freshDatabase(database);
        drop = fresh.drop;
        environment = {
          ...fresh.environment,
          GATEHOUSE_LOG_LEVEL: "info",
          GATEHOUSE_RADIUS_HOST: "127.0.0.1",
          GATEHOUSE_RADIUS_AUTH_PORT: String(ports.authPort),
          GATEHOUSE_RADIUS_ACCT_PORT: String(ports.acctPort),
        };
        server = await serve();
        equipment = await openEquipment(ports, secret);
      });
      after(async () => {
        await server.end("SIGKILL");
        await equipment.close();
        await drop();
      });
      // One process writes on SQLite; on the other each worker does, and they share the ports.
      const doors = database === "postgres" ? workers : 1;
      const openPlaces = () => server.output().match(/"RADIUS listens"/g)?.length ?? 0;
      const post = async (path: string, body: object) => {
        // A machine that is busy with other tests may have it said once more.
        let answer = await server.request("POST", path, fullToken, body);
        while (answer.status === 503) answer = await server.request("POST", path, fullToken, body);
        assert.equal(answer.status, 201, path);
        return (await answer.json()) as { id: number };
      };
      const list = async (path: string): Promise<Row[]> =>
        ((await (await server.request("GET", path, fullToken)).json()) as { results: Row[] }).results;

      it("opens when the first client is made, without a restart", async () => {
        await requireFree(ports);
        assert.equal(openPlaces(), 0);
        await post("/aaa_client/", { short_name: "ap", organization: 1, address: "127.0.0.1", secret, coa_port: equipment.nas.port });
        await eventually("all doors are open", () => openPlaces() === 2 * doors);
        await assert.rejects(requireFree(ports), /EADDRINUSE/);
      });

      it("answers, stores, and ends a session whose time is over", async () => {
        const { id } = await post("/user_token/", { username: "guest", password: "secret", organization: 1, user_time: 2 });
        const device = "AA-BB-CC-DD-EE-01";
        const { isAccepted, sessionTimeoutSeconds, ticket } = await equipment.login("guest", "secret", device);
        assert.deepEqual([isAccepted, sessionTimeoutSeconds], [true, 2]);
        const said = { id: "abc", userName: "guest", device, ticket };
        await equipment.account("Start", said);
        const [session] = await list(`/aaa_accounting/?user=${id}`);
        assert.partialDeepStrictEqual(session, { session_id: "abc", session_status: "active" });
        await eventually("it is ended", () => equipment.nas.requests.length > 0);
        assert.deepEqual(equipment.takeRequests(), [[40, "abc"]]);
        await equipment.account("Stop", { ...said, seconds: 2 });
        await eventually("the client's word is in its history", async () =>
          (await list(`/aaa_accounting/${session!["radacctid"]}/history/`)).some((row) => row["event"] === "request_acknowledged"),
        );
        const refused = await equipment.login("guest", "secret", device);
        assert.deepEqual([refused.isAccepted, refused.message], [false, "Your time is used up."]);
      });

      it("answers each of many clients' sockets", async () => {
        await post("/user_token/", { username: "many", password: "secret", organization: 1 });
        const sockets = await Promise.all(Array.from({ length: 12 }, () => openEquipment(ports, secret)));
        const answers = await Promise.all(sockets.map((one, index) => one.login("many", "secret", `AA-BB-CC-DD-FF-${10 + index}`)));
        assert.ok(answers.every(({ isAccepted }) => isAccepted));
        for (const one of sockets) await one.close();
        const headers = { authorization: `Bearer ${fullToken}` };
        const metrics = await (await fetch(`${server.address}/metrics`, { headers })).text();
        assert.match(metrics, /gatehouse_radius_packets_total\{port="authentication",outcome="accepted"\} 13\n/);
        assert.match(metrics, new RegExp(`gatehouse_radius_sockets ${2 * doors}\n`));
      });

      it("ends on SIGTERM with everything written, and listens again from the start", async () => {
        const user = await post("/user_token/", { username: "last", password: "secret", organization: 1 });
        assert.equal((await equipment.login("last", "secret", "AA-BB-CC-DD-EE-02")).isAccepted, true);
        const ended = await server.end("SIGTERM");
        assert.deepEqual([ended.code, ended.signal, ended.stderr], [0, null, ""]);
        await requireFree(ports);
        server = await serve();
        await eventually("all doors are open", () => openPlaces() === 2 * doors);
        const decisions = await list(`/access_decision/?user=${user.id}`);
        assert.deepEqual(
          decisions.map((row) => [row["outcome"], row["username"]]),
          [["accept", "last"]],
        );
        const account = await (await server.request("GET", `/user/${user.id}/`, fullToken)).json();
        assert.notEqual((account as { last_login: string | null }).last_login, null);
        assert.equal((await equipment.login("last", "secret", "AA-BB-CC-DD-EE-02")).isAccepted, true);
      });
    });
  }
}
