import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { sql } from "kysely";
import { pino } from "pino";
import type { App } from "../../src/composition/app.ts";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { openInstallation } from "../../src/startup/installation.ts";
import { assertNoDeadlocks } from "../support/deadlocks.ts";
import { type Equipment, playEquipment } from "../support/dynamic-authorization-world.ts";
import { ask, makeAccount, makeClient, report, sessionsIn } from "../support/network.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { fullToken, onEachDatabase, type World } from "../support/world.ts";

/** How often each of two operations of a pair is asked of each process, side by side. */
const times = Number(process.env["TEST_LOCK_ROUNDS"] ?? 2);

/** What is done to one account, through one of the processes that share a database. Each returns a status, or throws. */
type Act = (node: App, round: number) => Promise<number | string>;

onEachDatabase("all pairs of operations on one account, by two processes", (open, database) => {
  let world: World;
  let nodes: App[];
  let cafe: Tenant;
  let sibling: Tenant;
  let client: AaaClient;
  let guest: number;
  let friend: number;
  let extras: number[];
  let equipment: Equipment[];
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe");
    sibling = await makeTenant(world, "sibling");
    client = await makeClient(world, cafe.id, { coa_port: 3799 });
    for (const organization of [cafe.id, sibling.id]) {
      const check = [{ attribute: "Simultaneous-Use", op: ":=", value: "500" }];
      assert.equal((await world.post("/aaa_profile/", { short_name: "limited", organization, check })).status, 201);
    }
    friend = await makeAccount(world, { username: "friend", organization: cafe.id, user_time: 1_000_000 });
    extras = [(await world.post("/user_extra/", { parent: friend })).body.id];
    await makeGuest();
    // The same process twice would let its writes to an account follow each other before they come to the database.
    const silent = pino({ level: "silent" });
    nodes =
      database === "postgres" ? [await openInstallation(world.config, silent), await openInstallation(world.config, silent)] : [world.app];
    for (const node of nodes) await node.services.aaaClients.table.reload();
    equipment = nodes.map((app) => playEquipment({ ...world, app }, { nowMs: () => Date.now() }));
  });
  after(async () => {
    if (database === "postgres") for (const node of nodes) await node.close();
    await world.close();
  });

  const makeGuest = async () => {
    guest = await makeAccount(world, { username: "guest", organization: cafe.id, user_time: 1_000_000, profile: ["limited"] });
    extras = [extras[0]!, (await world.post("/user_extra/", { parent: guest })).body.id];
  };

  const call =
    (method: "POST" | "PATCH" | "PUT" | "DELETE", path: (round: number) => string, body: (round: number) => unknown): Act =>
    async (node, round) => {
      const headers = { authorization: `Bearer ${fullToken}`, "content-type": "application/json" };
      const sent = { method, url: `/api/v1${path(round)}`, headers, payload: JSON.stringify(body(round)) };
      return (await node.http.inject(sent)).statusCode;
    };
  const told =
    (status: string, more: (round: number) => Partial<Parameters<typeof report>[3]>): Act =>
    (node, round) =>
      report({ ...world, app: node }, client, status, {
        id: `session-${round % 3}`,
        userName: "guest",
        device: "AA-00-00-00-00-01",
        ...more(round),
      });
  const job =
    (name: string): Act =>
    async (node) => {
      await node.jobs.find((one) => one.name === name)!.run(() => true);
      return "ran";
    };
  /** Long enough ago for a session to be stale. */
  const silentMs = () => Date.now() - 4 * 3_600_000;

  const acts: Readonly<Record<string, Act>> = {
    "PATCH user": call(
      "PATCH",
      () => `/user/${guest}/`,
      (round) => ({ description: `d${round}` }),
    ),
    "PATCH user_time": call(
      "PATCH",
      () => `/user_token/${guest}/`,
      (round) => ({ user_time: 1_000_000 + round }),
    ),
    "PUT user_token": call(
      "PUT",
      () => `/user_token/${guest}/`,
      (round) => ({ username: "guest", user_time: 900_000 + round, profile: ["limited"] }),
    ),
    top_up: call(
      "POST",
      () => `/user_token/${guest}/top_up/`,
      () => ({ seconds: 7 }),
    ),
    "DELETE and POST": async (node) => {
      await call(
        "DELETE",
        () => `/user_token/${guest}/`,
        () => ({}),
      )(node, 0);
      // Of two at once one finds the name taken.
      const { status, body } = await world.post("/user_token/", {
        username: "guest",
        password: "secret",
        organization: cafe.id,
        user_time: 1_000_000,
        profile: ["limited"],
      });
      if (status !== 201) return status;
      guest = body.id;
      const extra = await world.post("/user_extra/", { parent: guest });
      if (extra.status === 201) extras = [extras[0]!, extra.body.id];
      return extra.status;
    },
    "array PATCH": call(
      "PATCH",
      () => "/user_token/",
      (round) => {
        const rows = [guest, friend].map((id) => ({ id, user_time: 500_000 + round, klass: `k${round}` }));
        return round % 2 === 0 ? rows : rows.toReversed();
      },
    ),
    "array rename": call(
      "PATCH",
      () => "/user/",
      (round) => {
        const rows = [
          { id: friend, username: `friend-${round}` },
          { id: guest, klass: `r${round}` },
        ];
        return round % 2 === 0 ? rows : rows.toReversed();
      },
    ),
    "device moves": call(
      "PATCH",
      (round) => `/user_extra/${extras[round % 2]}/`,
      (round) => ({
        device_info: { assigned_devices: (round % 3 === 0 ? ["d1", "d2"] : ["d2", "d1", "d3"]).map((device_id) => ({ device_id })) },
      }),
    ),
    "array of device moves": call(
      "PATCH",
      () => "/user_extra/",
      (round) => {
        const rows = extras.map((id, index) => ({
          id,
          device_info: { assigned_devices: [{ device_id: `d${((index + round) % 2) + 1}` }] },
        }));
        return round % 2 === 0 ? rows : rows.toReversed();
      },
    ),
    "app update": call(
      "POST",
      () => "/device_app_user_update/",
      (round) => ({
        user_id: round % 2 === 0 ? guest : friend,
        imei: "490154203237518",
        preferences: { round },
        profile: { first_name: `n${round}` },
      }),
    ),
    "Access-Request": async (node, round) => {
      const answer = await ask({ ...world, app: node }, client, { userName: "guest", device: `AA-00-00-00-00-0${round % 4}` });
      return answer.outcome;
    },
    Start: told("Start", () => ({})),
    "silent Start": told("Start", (round) => ({ id: `silent-${round}`, receivedAtMs: silentMs(), eventMs: silentMs() })),
    "Interim-Update": told("Interim-Update", (round) => ({ seconds: 60 + round })),
    Stop: told("Stop", (round) => ({ seconds: 90 + round })),
    "Accounting-On": told("Accounting-On", () => ({ id: "boot" })),
    "disconnect by hand": async (node) => {
      const [live] = await sessionsIn(world, `user=${guest}&session_status=active`);
      if (!live) return "none";
      return call(
        "POST",
        () => `/aaa_accounting/${live.radacctid}/disconnect/`,
        () => ({}),
      )(node, 0);
    },
    "ends and orders": async (node, round) => {
      const here = equipment[nodes.indexOf(node)]!;
      here.answers.push(round % 2 === 0 ? { kind: "nak", errorCause: 503 } : { kind: "ack" });
      await node.work.run(cafe.caller, async (tx) => {
        await tx.accountLocks.take([{ id: guest, namespaceId: cafe.namespaceId }]);
        await tx.sessionDeadlines.set({ id: guest, namespaceId: cafe.namespaceId }, tx.nowMs);
      });
      await node.services.disconnects.disconnects.endDue();
      await here.dynamicAuthorization.sendDue();
      await here.dynamicAuthorization.settle();
      return "sent";
    },
    "stale sessions": job("close stale sessions"),
    "expired reservations": job("remove expired reservations"),
    journal: async (node) => {
      await node.flush();
      return "written";
    },
    "organization PATCH": call(
      "PATCH",
      () => `/organization/${cafe.id}/`,
      (round) => ({
        slug: round % 2 === 0 ? "cafe" : "coffee",
        reversible_secrets: round % 2 === 0,
        is_active: true,
      }),
    ),
    "move to another organization": call(
      "PATCH",
      () => `/user/${guest}/`,
      (round) => ({ organization: round % 2 === 0 ? cafe.id : sibling.id, password: `secret-${round}` }),
    ),
  };

  it("end without a deadlock, a 5xx or a packet without an answer", async () => {
    const names = Object.keys(acts);
    const outcomes = new Map<string, Set<number | string>>();
    const failures: string[] = [];
    const loop = async (name: string, beside: string, node: App, first: number) => {
      for (let round = first; round < first + times; round += 1) {
        try {
          const outcome = await acts[name]!(node, round);
          const known = outcomes.get(name) ?? new Set();
          outcomes.set(name, known.add(outcome));
          if (typeof outcome === "number" && outcome >= 500) failures.push(`${name} beside ${beside}: ${outcome}`);
        } catch (error) {
          failures.push(`${name} beside ${beside}: ${(error as Error).stack}`);
        }
      }
    };
    let pair = 0;
    for (const [index, one] of names.entries()) {
      for (const other of names.slice(index)) {
        pair += 1;
        await Promise.all(
          nodes.flatMap((node, place) => [loop(one, other, node, pair + place), loop(other, one, nodes.at(-1 - place)!, pair + place + 1)]),
        );
      }
    }
    assert.deepEqual(failures, []);
    assert.deepEqual(
      equipment.flatMap((one) => one.failures),
      [],
    );
    for (const name of names) {
      const seen = [...outcomes.get(name)!];
      assert.ok(
        seen.some((outcome) => typeof outcome === "string" || outcome < 300),
        `${name} was never done: ${seen.join()}`,
      );
    }
    assert.equal(await unprovedAccounts(), 0);
    if (database === "sqlite") return;
    // What a connection has counted is told when it ends.
    for (const node of nodes) await node.close();
    nodes = [];
    await assertNoDeadlocks(world);
  });

  /** Accounts whose ledger does not add up to their balance. */
  const unprovedAccounts = async (): Promise<number> => {
    const { rows } = await sql<{ number: number }>`
      select count(*) as number from (
        select time_ledger.user_id from time_ledger
        left join time_balance on time_balance.user_id = time_ledger.user_id
        where time_ledger.user_id is not null
        group by time_ledger.user_id, time_balance.seconds
        having sum(time_ledger.delta) <> coalesce(time_balance.seconds, 0)
      ) as unproved`.execute(world.app.database.reader);
    return Number(rows[0]!.number);
  };
});
