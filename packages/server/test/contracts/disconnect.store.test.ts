import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { StoredRequest } from "../../src/modules/network/disconnects/session-request.ts";
import { makeAccount } from "../support/network.ts";
import { disconnectRequestOf } from "../support/session-requests.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

// What ends sessions belongs to the house, which does it for all tenants: these stores are read by nobody else.
onEachDatabase("the stores of what ends sessions", (open) => {
  let world: World;
  let mine: Tenant;
  let foreign: Tenant;
  let owner: { id: number; namespaceId: number; organizationId: number };
  before(async () => {
    world = await open();
    ({ mine, foreign } = await makeTenants(world));
    const account = await makeAccount(world, { username: "due", organization: mine.id, user_time: 100 });
    owner = { id: account, namespaceId: mine.namespaceId, organizationId: mine.id };
  });
  after(() => world.close());

  it("accountLocks.takeExisting: of an account, whoever sees it, and of none that is gone", async () => {
    const takes = (of: Tenant, id: number) => of.write((tx) => tx.accountLocks.takeExisting({ ...owner, id }));
    assert.deepEqual([await takes(mine, owner.id), await takes(foreign, owner.id)], [true, true], "it shows nothing and changes nothing");
    // Where it is promised, the promise is broken as the unit writes, and the unit learns of it as it runs again.
    const writes = (id: number) =>
      mine.write(async (tx) => {
        const isThere = await tx.accountLocks.takeExisting({ ...owner, id });
        await tx.sessionDeadlines.set(owner, 1);
        return isThere;
      });
    assert.deepEqual([await writes(owner.id), await writes(999_999)], [true, false]);
    await mine.write(async (tx) => {
      await tx.accountLocks.take([{ ...owner, id: 999_999 }, owner, owner]);
      await tx.accountLocks.takeAtOnce(owner);
      await tx.accountLocks.queue(owner);
    });
  });

  it("sessionDeadlines: plan, set, hasten, find, hasDue, listDueOrganizations, claimDue and remove", async () => {
    const { sessionDeadlines } = mine.stores;
    const namesake = { ...owner, namespaceId: foreign.namespaceId };
    assert.equal(await sessionDeadlines.find(owner), undefined);
    await mine.write((tx) => tx.sessionDeadlines.plan([{ ...owner, dueAtMs: 700 }]));
    assert.equal(await sessionDeadlines.find(owner), 700);
    await mine.write((tx) => tx.sessionDeadlines.plan([{ ...owner, dueAtMs: 600 }]));
    assert.equal(await sessionDeadlines.find(owner), 600, "there is one for each user");
    await mine.write((tx) => tx.sessionDeadlines.set(namesake, 1));
    await mine.write((tx) => tx.sessionDeadlines.set(owner, 500));
    assert.deepEqual([await sessionDeadlines.find(owner), await sessionDeadlines.find(namesake)], [500, undefined]);
    await mine.write((tx) => tx.sessionDeadlines.hasten(namesake, 1));
    await mine.write((tx) => tx.sessionDeadlines.hasten(owner, 450));
    assert.deepEqual([await sessionDeadlines.find(owner), await sessionDeadlines.find(namesake)], [450, undefined]);
    await mine.write((tx) => tx.sessionDeadlines.set(owner, 500));
    assert.deepEqual([await sessionDeadlines.hasDue(499), await sessionDeadlines.hasDue(500)], [false, true]);
    const due = [{ organizationId: mine.id, users: 1 }];
    assert.deepEqual([await sessionDeadlines.listDueOrganizations(499), await sessionDeadlines.listDueOrganizations(500)], [[], due]);
    const claim = (nowMs: number, max = 10, organizationId = mine.id) =>
      mine.write((tx) => tx.sessionDeadlines.claimDue(nowMs, nowMs + 60, [{ organizationId, max }]));
    const taken = { id: owner.id, namespaceId: owner.namespaceId };
    assert.deepEqual(
      [await claim(500, 10, foreign.id), await claim(500, 0)],
      [[], []],
      "another organization's users are not taken for it",
    );
    assert.deepEqual([await claim(499), await claim(500), await claim(500), await claim(560)], [[], [taken], [], [taken]]);
    await mine.write((tx) => tx.sessionDeadlines.plan([{ ...owner, organizationId: foreign.id, dueAtMs: 500 }]));
    assert.deepEqual(await sessionDeadlines.listDueOrganizations(500), [{ organizationId: foreign.id, users: 1 }]);
    await mine.write((tx) => tx.sessionDeadlines.remove([owner]));
    assert.equal(await sessionDeadlines.find(owner), undefined);
    await mine.write((tx) => tx.sessionDeadlines.set(owner, 1));
    assert.equal(await sessionDeadlines.find(owner), undefined, "what is not planned is not made due");
  });

  const request = () => disconnectRequestOf(mine);
  const asked = {
    node: null,
    nowMs: 100,
    contactSinceMs: 50,
    overdueMs: 5,
    leaseMs: 60_000,
    maxRequests: 10,
    maxPerClient: 10,
    outstanding: new Map(),
  };
  const claim = (change: object = {}) =>
    mine.write((tx) => tx.sessionRequests.claim({ ...asked, shares: [{ organizationId: mine.id, payer: mine.id, room: 10 }], ...change }));

  it("sessionRequests.add, findWaiting and listRequestedSince: what waits already stands for what is asked again", async () => {
    const add = (...more: object[]) => mine.write((tx) => tx.sessionRequests.add(more.map((one) => ({ ...request(), ...one }))));
    const [{ isClaimed, ...first }] = (await add({})) as [StoredRequest];
    assert.equal(isClaimed, false);
    assert.partialDeepStrictEqual(first, { ...request(), attempts: 0, finishedAtMs: null });
    const [change, ...none] = await add({}, { kind: "coa" });
    assert.deepEqual([change!.kind, none], ["coa", []]);
    assert.deepEqual(await add(), []);
    assert.deepEqual(await mine.stores.sessionRequests.findWaiting({ id: 1, namespaceId: mine.namespaceId }, "disconnect"), first);
    assert.equal(await mine.stores.sessionRequests.findWaiting({ id: 2, namespaceId: mine.namespaceId }, "disconnect"), undefined);
    await mine.write((tx) => tx.sessionRequests.finish(change!, "ack", 20));
    assert.equal(await mine.stores.sessionRequests.findWaiting({ id: 1, namespaceId: mine.namespaceId }, "coa"), undefined);
    const askedSince = async (sinceMs: number, kind: "coa" | "disconnect" = "coa", namespaceId = mine.namespaceId) => [
      ...(await mine.stores.sessionRequests.listRequestedSince(namespaceId, [1, 2], kind, sinceMs)),
    ];
    assert.deepEqual([await askedSince(19), await askedSince(20)], [[1], []]);
    assert.deepEqual([await askedSince(0, "disconnect"), await askedSince(0, "coa", mine.namespaceId + 1)], [[], []]);
    assert.equal((await mine.stores.sessionRequests.listRequestedSince(mine.namespaceId, [], "coa", 0)).size, 0);
    assert.equal((await add({ kind: "coa" })).length, 1);
    await mine.write((tx) => tx.sessionRequests.finish({ ...change!, id: change!.id + 1 }, "ack", 20));
  });

  it("sessionRequests.claim: what is due, under a lease, by the node that heard the client", async () => {
    const { sessionRequests } = mine.stores;
    assert.deepEqual([await sessionRequests.hasDue(9), await sessionRequests.hasDue(10)], [false, true]);
    assert.deepEqual(await claim({ nowMs: 9 }), []);
    await mine.write((tx) => tx.clientContacts.note([{ namespaceId: mine.namespaceId, clientId: 7, node: "near", heardAtMs: 60 }]));
    assert.deepEqual(await claim({ node: "far" }), [], "another node heard the client");
    const [taken, ...others] = await claim({ node: "near" });
    assert.partialDeepStrictEqual(taken!, { ...request(), attempts: 1 });
    assert.deepEqual([others, await claim({ node: "near" })], [[], []], "it is taken");
    await mine.write((tx) => tx.sessionRequests.postpone(taken!, 40));
    assert.deepEqual(await claim({ nowMs: 39 }), []);
    assert.equal((await claim({ node: "far", overdueMs: 40 }))[0]!.attempts, 2, "its node lets it lie");
    await mine.write((tx) => tx.sessionRequests.postpone(taken!, 40));
    assert.equal((await claim({ node: "far", contactSinceMs: 60 })).length, 1, "nobody has heard the client lately");
    await mine.write((tx) => tx.sessionRequests.postpone(taken!, 40));
    assert.equal((await claim({ leaseMs: -1 })).length, 1);
    assert.equal((await claim()).length, 1, "its lease is over");
    await mine.write((tx) => tx.sessionRequests.finish(taken!, "ack", 90));
    assert.deepEqual(await claim(), []);
    await mine.write((tx) => tx.sessionRequests.postpone(taken!, 40));
    assert.equal(await sessionRequests.hasDue(100), false, "what is finished stays so");
  });

  it("sessionRequests.claim: no more of a client than it may have outstanding, the earliest first", async () => {
    const ofClient = (clientId: number, sessionIds: readonly number[]) =>
      mine.write((tx) =>
        tx.sessionRequests.add(sessionIds.map((sessionId) => ({ ...request(), clientId, sessionId, dueAtMs: 100 - sessionId }))),
      );
    await ofClient(21, [11, 12, 13, 14]);
    await ofClient(22, [15, 16]);
    await ofClient(23, [17]);
    const taken: number[] = [];
    const take = async (change: object) => {
      const requests = await claim(change);
      const ids = requests.map(({ sessionId }) => sessionId).sort();
      taken.push(...ids);
      return ids;
    };
    assert.deepEqual(await take({ maxPerClient: 2, outstanding: new Map([[21, 2]]), maxRequests: 2 }), [16, 17]);
    assert.deepEqual(
      await take({
        maxPerClient: 2,
        outstanding: new Map([
          [22, 1],
          [21, 1],
        ]),
      }),
      [14, 15],
    );
    assert.deepEqual(await take({ maxPerClient: 2, outstanding: new Map([[21, 3]]) }), []);
    assert.deepEqual(await take({ maxPerClient: 2 }), [12, 13]);
    assert.deepEqual(await take({ maxPerClient: 2 }), [11]);
    for (const id of taken) {
      const waiting = await mine.stores.sessionRequests.findWaiting({ id, namespaceId: mine.namespaceId }, "disconnect");
      await mine.write((tx) => tx.sessionRequests.finish(waiting!, "ack", 5_000));
    }
  });

  it("sessionRequests.listDueOrganizations and claim: so many of each payer, whose silent clients take nothing from the others", async () => {
    const due = (tenant: Tenant, clientId: number, sessionIds: readonly number[]) =>
      tenant.write((tx) =>
        tx.sessionRequests.add(
          sessionIds.map((sessionId) => ({
            ...request(),
            namespaceId: tenant.namespaceId,
            organizationId: tenant.id,
            clientId,
            sessionId,
            dueAtMs: sessionId,
          })),
        ),
      );
    const made = [...(await due(mine, 31, [31, 32, 33])), ...(await due(mine, 32, [34, 35, 36])), ...(await due(foreign, 33, [37, 38]))];
    const organizations = await mine.stores.sessionRequests.listDueOrganizations(100);
    assert.deepEqual(organizations.toSorted(), [mine.id, foreign.id].toSorted());
    assert.deepEqual(await mine.stores.sessionRequests.listDueOrganizations(9), []);
    const shares = (mineRoom: number, foreignRoom: number) => [
      { organizationId: mine.id, payer: mine.id, room: mineRoom },
      { organizationId: foreign.id, payer: foreign.id, room: foreignRoom },
    ];
    const idsOf = async (change: object) => (await claim(change)).map(({ sessionId }) => sessionId).sort();
    assert.deepEqual(await idsOf({ shares: [] }), [], "nobody's turn");
    // Client 31 may be asked nothing more: what waits for it is none of its payer's two.
    const full = { maxPerClient: 3, outstanding: new Map([[31, 3]]) };
    assert.deepEqual(await idsOf({ ...full, shares: shares(2, 1) }), [34, 35, 37]);
    // Two organizations of one payer share its room.
    const ofOne = shares(2, 2).map((share) => ({ ...share, payer: mine.id }));
    assert.deepEqual(await idsOf({ shares: ofOne }), [31, 32]);
    assert.deepEqual(await idsOf({ shares: shares(9, 9) }), [33, 36, 38]);
    for (const one of made) await mine.write((tx) => tx.sessionRequests.finish(one, "ack", 5_000));
  });

  it("sessionRequests.add and dismiss: what the planner wants and somebody else does too is not the planner's to let go", async () => {
    const ask = (actor: string) =>
      mine.write((tx) => tx.sessionRequests.add([{ ...request(), sessionId: 2, actor, reason: `of ${actor}` }]));
    const dismiss = (one: Awaited<ReturnType<typeof ask>>[0]) => mine.write((tx) => tx.sessionRequests.dismiss(one, "nothing_to_end", 100));
    const [planned] = await ask("system:planner");
    assert.deepEqual(await ask("system:planner"), []);
    const [wanted] = await ask("api_token:1");
    assert.deepEqual(wanted, { ...planned, actor: "api_token:1", reason: "of api_token:1" });
    assert.deepEqual([await ask("api_token:2"), await ask("system:planner")], [[], []], "who came first stays");
    assert.deepEqual([await dismiss(planned!), await dismiss(wanted!)], [false, true]);
    assert.equal(await mine.stores.sessionRequests.findWaiting({ id: 2, namespaceId: mine.namespaceId }, "disconnect"), undefined);
    const asked = await mine.stores.sessionRequests.listRequestedSince(mine.namespaceId, [1, 2], "disconnect", 0);
    assert.deepEqual([...asked], [1], "its client was not asked");
  });

  it("sessionRequests.removeFinished: so many of those that ended before then", async () => {
    const remove = (beforeMs: number, most: number) => mine.write((tx) => tx.sessionRequests.removeFinished(beforeMs, most));
    assert.deepEqual([await remove(20, 10), await remove(1_000, 1), await remove(1_000, 10), await remove(1_000, 10)], [0, 1, 3, 0]);
  });
});
