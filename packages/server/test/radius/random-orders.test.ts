import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import fc from "fast-check";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { makeAccount, makeClient, provedLedger, report, sessionsIn } from "../support/network.ts";
import { makeTenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

/** Sessions of one user one after another, on one Acct-Session-Id: each with its reports, with or without a Stop. */
const lives = fc.array(
  fc.record({
    gap: fc.integer({ min: 30, max: 3_000 }),
    reports: fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 5 }),
    stops: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
);

interface Told {
  readonly status: string;
  readonly atMs: number;
  readonly seconds: number | undefined;
}

// The rule itself is held against 1,000 orders in unit/access; here it goes through the database, packets of a session at once.
onEachDatabase("accounting in random orders", (open) => {
  let world: World;
  let clients: AaaClient[];
  before(async () => {
    world = await open();
    clients = [];
    for (const slug of ["one", "two"]) {
      const { id } = await makeTenant(world, slug, { own_usernames: true });
      clients.push(await makeClient(world, id, { short_name: "same-ap" }));
    }
  });
  after(() => world.close());

  it("ends with burned and unbilled time that add up to the true time, for each of two tenants with the same names", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        lives,
        fc.integer({ min: 0, max: 5_000 }),
        fc.infiniteStream(fc.nat(1_000_000)),
        async (sessions, balance, chance) => {
          const pick = (below: number) => chance.next().value! % below;
          run += 1;
          const username = `guest-${run}`;
          const users: number[] = [];
          for (const { organizationId } of clients) {
            users.push(await makeAccount(world, { username, organization: organizationId, user_time: balance, password: null }));
          }
          const truths = await Promise.all(clients.map((client) => tellAll(client, username, sessions, pick)));
          for (const [index, userId] of users.entries()) {
            const rows = await sessionsIn(world, `user=${userId}`);
            const sum = (field: string) => rows.reduce((total, row) => total + row[field], 0);
            const truth = truths[index]!;
            assert.equal(sum("burned_seconds") + sum("unbilled_seconds"), truth);
            assert.equal(sum("burned_seconds"), Math.min(balance, truth), "what the balance covers is burned");
            await provedLedger(world, userId);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  /** Reports lives in a random order, some of it several times, some at the same moment; returns the time that was reported. */
  const tellAll = async (
    client: AaaClient,
    username: string,
    sessions: readonly { gap: number; reports: readonly number[]; stops: boolean }[],
    pick: (below: number) => number,
  ): Promise<number> => {
    let atMs = Date.now() - 5 * 24 * 3_600_000;
    let truth = 0;
    const late: Told[] = [];
    const send = ({ status, atMs: eventMs, seconds }: Told) =>
      report(world, client, status, {
        id: `session-of-${username}`,
        userName: username,
        receivedAtMs: eventMs,
        eventMs,
        ...(seconds === undefined ? {} : { seconds }),
        attributes: pick(2) === 0 ? { Class: [`0x${pick(255).toString(16).padStart(2, "0")}`] } : {},
      });
    for (const { gap, reports, stops } of sessions) {
      atMs += gap * 1000;
      const startMs = atMs;
      const told: Told[] = [{ status: "Start", atMs, seconds: undefined }];
      for (const length of reports) {
        atMs += length * 1000;
        if (pick(4) > 0) told.push({ status: "Interim-Update", atMs, seconds: (atMs - startMs) / 1000 });
      }
      atMs += 1000;
      if (stops) told.push({ status: "Stop", atMs, seconds: (atMs - startMs) / 1000 });
      truth += Math.max(...told.map(({ seconds }) => seconds ?? 0));
      const repeated = told.flatMap((one) => Array<Told>(1 + pick(2)).fill(one));
      const order = repeated.map((one) => ({ one, key: pick(1_000_000) })).sort((a, b) => a.key - b.key);
      const [first, ...others] = order.map(({ one }) => one);
      await send(first!);
      const now = others.filter(() => pick(3) > 0);
      late.push(...others.filter((one) => !now.includes(one)));
      if (pick(2) === 0) await Promise.all(now.map(send));
      else for (const one of now) await send(one);
    }
    for (const one of late) await send(one);
    return truth;
  };
});
