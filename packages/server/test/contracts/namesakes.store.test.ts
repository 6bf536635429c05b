import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { rowOfDecision } from "../../src/modules/network/network-access/access-decision.store.ts";
import { makeAccount } from "../support/network.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("which of several namesakes is meant", (open) => {
  let world: World;
  let mine: Tenant;
  let strangers: Tenant[];
  let accounts: { readonly namespaceId: number; readonly id: number }[];
  before(async () => {
    world = await open();
    const { mine: own, neighbour, foreign } = await makeTenants(world);
    mine = own;
    strangers = [neighbour, foreign];
    accounts = [];
    for (const username of ["first", "second"]) {
      accounts.push({ namespaceId: mine.namespaceId, id: await makeAccount(world, { username, organization: mine.id }) });
    }
    await makeAccount(world, { username: "first", organization: foreign.id });
  });
  after(() => world.close());

  it("accessFacts.findByKeys: of one namespace where one is asked for, the eldest first; another tenant sees nothing", async () => {
    const everyone = world.app.work.acrossTenants("a test").accessFacts;
    const [first, second] = accounts.map(({ id }) => id);
    const idsOf = (found: readonly { id: number }[]) => found.map(({ id }) => id);
    assert.equal((await everyone.findByKeys(["first"])).length, 2);
    assert.deepEqual(idsOf(await everyone.findByKeys(["second", "first"], mine.namespaceId)), [first, second]);
    assert.deepEqual(idsOf(await mine.stores.accessFacts.findByKeys(["first"])), [first]);
    for (const stranger of strangers) {
      const found = await stranger.stores.accessFacts.findByKeys(["first", "second"], mine.namespaceId);
      assert.deepEqual(found, []);
    }
  });

  it("reservations.findLast: the later of the device's at its client; another tenant sees nothing", async () => {
    const reservation = { clientId: 7, station: "aa", expiresAtMs: 1, interimSeconds: null, timeoutSeconds: null };
    const asked = { accounts, clientId: 7, station: "aa" };
    const find = (more: object = {}) => mine.stores.reservations.findLast({ ...asked, ...more });
    assert.equal(await find(), undefined);
    for (const [index, { namespaceId, id: userId }] of accounts.entries()) {
      await mine.write((tx) => tx.reservations.make({ ...reservation, namespaceId, userId, decisionId: 20 - index }));
    }
    assert.deepEqual(await find(), { userId: accounts[0]!.id, decisionId: 20 });
    assert.deepEqual(await find({ accounts: accounts.slice(1) }), { userId: accounts[1]!.id, decisionId: 19 });
    for (const other of [{ clientId: 8 }, { station: "bb" }, { accounts: [] }]) assert.equal(await find(other), undefined);
    for (const stranger of strangers) assert.equal(await stranger.stores.reservations.findLast(asked), undefined);
  });

  it("accessDecisions.findLastAccepted: the later accept of the device at its client; another tenant sees nothing", async () => {
    const base = await world.app.ids.take("access_decision");
    const place = { namespaceId: mine.namespaceId, organizationId: mine.id, clientId: 7, createdAtMs: 1, source: "radius" } as const;
    const told = { username: "first", sessionTimeoutSeconds: null, reply: [], trace: [] };
    const decision = (index: number, who: 0 | 1, callingStation: string | null, outcome: "accept" | "reject" = "accept") =>
      rowOfDecision({
        ...place,
        ...told,
        id: base + index,
        userId: accounts[who]!.id,
        callingStation,
        outcome,
        reason: outcome === "accept" ? null : "expired",
      });
    const rows = [decision(0, 0, "AA"), decision(1, 1, "AA"), decision(2, 0, "AA", "reject"), decision(3, 0, null), decision(4, 0, "BB")];
    await mine.write((tx) => tx.accessDecisions.insert(rows));
    const asked = { accounts, clientId: 7, username: "first", callingStation: "AA" };
    const find = (more: object = {}) => mine.stores.accessDecisions.findLastAccepted({ ...asked, ...more });
    assert.deepEqual(await find(), { userId: accounts[1]!.id, decisionId: base + 1 });
    assert.deepEqual(await find({ accounts: accounts.slice(0, 1) }), { userId: accounts[0]!.id, decisionId: base });
    assert.deepEqual(await find({ callingStation: null }), { userId: accounts[0]!.id, decisionId: base + 3 });
    for (const other of [{ clientId: 8 }, { username: "First" }, { username: null }, { callingStation: "CC" }, { accounts: [] }]) {
      assert.equal(await find(other), undefined, JSON.stringify(other));
    }
    for (const stranger of strangers) assert.equal(await stranger.stores.accessDecisions.findLastAccepted(asked), undefined);
  });
});
