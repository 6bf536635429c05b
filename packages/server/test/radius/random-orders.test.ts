import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import fc from "fast-check";
import { pino } from "pino";
import type { App } from "../../src/composition/app.ts";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { openInstallation } from "../../src/startup/installation.ts";
import { ask, makeAccount, makeClient, provedLedger, replied, report, sessionsIn } from "../support/network.ts";
import { chance, type Delivery, type Life, lives, tell } from "../support/random-lives.ts";
import { makeTenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

interface Order {
  readonly all: readonly Life[];
  readonly balance: number;
  /** Whether packets bear an Event-Timestamp, or tell how long they were on their way. */
  readonly isStamped: boolean;
  readonly pick: (below: number) => number;
}

/** Four guests at once, at two tenants each: a thousand orders over both databases. The rule alone is held against more in unit/accounting. */
const runs = Number(process.env["TEST_ORDERS"] ?? 63);
const orders: fc.Arbitrary<Order[]> = fc.array(
  fc.record({ all: lives, balance: fc.integer({ min: 1, max: 6_000 }), isStamped: fc.boolean(), pick: chance }),
  { minLength: 4, maxLength: 4 },
);

/** A guest who logs in by the address of a device, as a tenant's client sees it. */
interface Guest {
  readonly client: AaaClient;
  readonly userId: number;
  /** The spellings of its name. */
  readonly names: readonly string[];
  /** Classes of two logins of the guest, and one that is no ticket of ours. */
  readonly classes: readonly string[];
}

onEachDatabase("accounting in random orders", (open) => {
  let world: World;
  let clients: AaaClient[];
  /** The processes that packets come to. Within one, those of a session wait for each other; between two they meet. */
  let nodes: App[];
  before(async () => {
    world = await open();
    const hasNodes = world.app.database.capabilities.needsRowLocks;
    nodes = [world.app, ...(hasNodes ? [await openInstallation(world.config, pino({ level: "silent" }))] : [])];
    clients = [];
    for (const slug of ["one", "two"]) {
      const { id } = await makeTenant(world, slug, { own_usernames: true });
      clients.push(await makeClient(world, id, { short_name: "same-ap" }));
    }
  });
  after(async () => {
    for (const node of nodes.slice(1)) await node.close();
    await world.close();
  });

  it("ends with debited and unbilled time that add up to the true time, for each of two tenants with the same names", async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(orders, async (some) => {
        const done = some.flatMap((order) => {
          made += 1;
          const number = made;
          return clients.map((client) => holds(client, order, number));
        });
        await Promise.all(done);
      }),
      // A smaller example would be looked for until the test's time is over, and the first one would not be told.
      { numRuns: runs, endOnFailure: true },
    );
    assert.equal(made * clients.length, runs * 8);
  });

  /** Reports a guest's lives, and fails unless all of their time is debited or kept as unbilled. */
  const holds = async (client: AaaClient, { all, balance, isStamped, pick }: Order, number: number): Promise<void> => {
    const guest = await makeGuest(client, number, balance);
    const { steps, truthSeconds } = tell(all, pick, Date.now() - 5 * 24 * 3_600_000, isStamped);
    for (const step of steps) await Promise.all(step.map((delivery) => send(guest, delivery, isStamped, pick, number)));
    const rows = await sessionsIn(world, `user=${guest.userId}`);
    const sum = (field: string) => rows.reduce((total, row) => total + row[field], 0);
    assert.equal(sum("burned_seconds") + sum("unbilled_seconds"), truthSeconds);
    assert.equal(sum("burned_seconds"), Math.min(balance, truthSeconds), "what the balance covers is burned");
    await provedLedger(world, guest.userId);
  };

  const makeGuest = async (client: AaaClient, number: number, balance: number): Promise<Guest> => {
    const digits = number.toString(16).padStart(10, "0");
    const pairs = `02${digits}`.match(/../g)!;
    const names = [pairs.join("-"), pairs.join(":").toUpperCase(), pairs.join("")];
    const fields = { username: names[0]!, organization: client.organizationId, user_time: balance, password: null };
    const userId = await makeAccount(world, fields);
    const login = async () => {
      const answer = await ask(world, client, { userName: names[0]!, device: names[0]!, credential: { method: "none" } });
      return replied(answer, "Class")!;
    };
    return { client, userId, names, classes: [await login(), await login(), "0xdeadbeef"] };
  };

  /** One packet; its Class and the spelling of its User-Name change from packet to packet, and Class may be lost. */
  const send = (guest: Guest, delivery: Delivery, isStamped: boolean, pick: (below: number) => number, number: number) => {
    const { status, eventMs, arrivalMs, seconds } = delivery;
    const given = guest.classes[pick(guest.classes.length + 1)];
    const app = nodes[pick(nodes.length)]!;
    return report({ ...world, app }, guest.client, status, {
      id: `session-${number}`,
      userName: guest.names[pick(guest.names.length)]!,
      receivedAtMs: arrivalMs,
      ...(isStamped ? { eventMs } : {}),
      ...(seconds === undefined ? {} : { seconds }),
      attributes: {
        ...(isStamped ? {} : { "Acct-Delay-Time": [String((arrivalMs - eventMs) / 1000)] }),
        ...(given === undefined ? {} : { Class: [given] }),
      },
    });
  };
});
