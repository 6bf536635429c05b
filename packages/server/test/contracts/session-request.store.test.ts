import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeAccount } from "../support/network.ts";
import { disconnectRequestOf } from "../support/session-requests.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("requests that are claimed as they are stored, and deadlines of many", (open) => {
  let world: World;
  let mine: Tenant;
  let foreign: Tenant;
  before(async () => {
    world = await open();
    ({ mine, foreign } = await makeTenants(world));
  });
  after(() => world.close());

  const request = () => disconnectRequestOf(mine);
  const claim = (change: object = {}) =>
    mine.write((tx) =>
      tx.sessionRequests.claim({
        node: null,
        nowMs: 100,
        contactSinceMs: 50,
        overdueMs: 5,
        leaseMs: 60_000,
        maxRequests: 10,
        maxPerClient: 10,
        outstanding: new Map(),
        shares: [{ organizationId: mine.id, payer: mine.id, room: 10 }],
        ...change,
      }),
    );

  it("sessionRequests.add: the claimant has what says so, unless another node was in contact with the client", async () => {
    const { databaseNowMs } = world.app.database.capabilities;
    const now = async () =>
      (await world.app.database.reader.selectFrom("installation").select(databaseNowMs.as("now")).limit(1).executeTakeFirstOrThrow()).now;
    const claimant = { node: "here", contactSinceMs: 50, leaseMs: 60_000 };
    const contact = (clientId: number, node: string, heardAtMs: number) =>
      mine.write((tx) => tx.clientContacts.note([{ namespaceId: mine.namespaceId, clientId, node, heardAtMs }]));
    await contact(51, "here", 60);
    await contact(52, "there", 60);
    await contact(53, "there", 50);
    const rows = [51, 52, 53, 54].map((clientId) => ({ ...request(), clientId, sessionId: clientId, isClaimed: clientId !== 54 }));
    const before = await now();
    const stored = await mine.write((tx) => tx.sessionRequests.add(rows, claimant));
    assert.deepEqual(stored.map(({ clientId, isClaimed, attempts }) => [clientId, isClaimed, attempts]).sort(), [
      [51, true, 1],
      [52, false, 0],
      [53, true, 1],
      [54, false, 0],
    ]);
    const leases = await world.app.database.reader
      .selectFrom("session_request")
      .select(["client_id", "claimed_until"])
      .where("client_id", "in", [51, 52, 53, 54])
      .orderBy("client_id")
      .execute();
    assert.deepEqual(
      leases.map(({ claimed_until: until }) => until !== null && until >= before + 60_000 && until <= before + 120_000),
      [true, false, true, false],
    );
    const taken = (await claim()).map(({ sessionId }) => sessionId);
    assert.deepEqual(taken.sort(), [52, 54], "what is claimed is nobody else's");
    const knownNode = await mine.write((tx) =>
      tx.sessionRequests.add([{ ...request(), clientId: 52, sessionId: 55, isClaimed: true }], { ...claimant, node: null }),
    );
    assert.equal(knownNode[0]!.isClaimed, true, "who sends from an address that all clients know takes any");
    const others = await foreign.write((tx) => tx.sessionRequests.add([{ ...request(), namespaceId: foreign.namespaceId, sessionId: 51 }]));
    assert.deepEqual([others.length, others[0]!.isClaimed], [1, false], "another tenant's session of the same id is another session");
    for (const one of [...stored, ...knownNode, ...others]) await mine.write((tx) => tx.sessionRequests.finish(one, "ack", 5_000));
  });

  it("sessionRequests.add: what waits and gets a new reason stays with who has claimed it", async () => {
    const claimant = { node: null, contactSinceMs: 0, leaseMs: 60_000 };
    const add = (actor: string) =>
      mine.write((tx) => tx.sessionRequests.add([{ ...request(), sessionId: 61, actor, isClaimed: true }], claimant));
    const [planned] = await add("system:planner");
    assert.equal(planned!.isClaimed, true);
    const [wanted] = await add("api_token:1");
    assert.deepEqual([wanted!.id, wanted!.actor, wanted!.isClaimed], [planned!.id, "api_token:1", false]);
    await mine.write((tx) => tx.sessionRequests.finish(wanted!, "ack", 5_000));
  });

  it("sessionRequests.defer: later, and the attempt does not count", async () => {
    await mine.write((tx) => tx.sessionRequests.add([{ ...request(), sessionId: 71, clientId: 71 }]));
    const [taken] = await claim();
    await mine.write((tx) => tx.sessionRequests.defer(taken!, 500));
    assert.deepEqual(await claim({ nowMs: 499 }), []);
    const [again] = await claim({ nowMs: 500 });
    assert.deepEqual([again!.id, again!.attempts], [taken!.id, 1]);
    await mine.write((tx) => tx.sessionRequests.finish(again!, "ack", 5_000));
    await mine.write((tx) => tx.sessionRequests.defer(again!, 500));
    assert.deepEqual(await claim({ nowMs: 500 }), [], "what is finished stays so");
  });

  it("sessionDeadlines.plan, listOf and remove: many users by one statement, each of its own namespace", async () => {
    const { sessionDeadlines } = mine.stores;
    const accountOf = async (tenant: Tenant, username: string, dueAtMs: number) => ({
      id: await makeAccount(world, { username, organization: tenant.id }),
      namespaceId: tenant.namespaceId,
      organizationId: tenant.id,
      dueAtMs,
    });
    const users = [await accountOf(mine, "a", 1_901), await accountOf(mine, "b", 1_902), await accountOf(mine, "c", 1_903)];
    const [a, b, c] = users.map(({ id }) => id);
    const nobody = { id: 999_999, namespaceId: mine.namespaceId };
    const other = await accountOf(foreign, "b", 5);
    await mine.write((tx) => tx.sessionDeadlines.plan([...users, other]));
    await mine.write((tx) => tx.sessionDeadlines.plan([]));
    const found = async () => await Promise.all([...users, other].map((user) => sessionDeadlines.find(user)));
    assert.deepEqual(await found(), [1_901, 1_902, 1_903, 5]);
    assert.deepEqual(await sessionDeadlines.listOf([...users, nobody]), new Set([a, b, c]));
    for (const owners of [[users[0]!], [users[0]!, nobody]]) {
      assert.deepEqual(await sessionDeadlines.listOf(owners), new Set([a]));
    }
    assert.deepEqual(await sessionDeadlines.listOf([]), new Set());
    assert.deepEqual(await sessionDeadlines.listOf([{ ...users[0]!, namespaceId: foreign.namespaceId }, other]), new Set([other.id]));
    await mine.write((tx) => tx.sessionDeadlines.remove(users.slice(0, 2)));
    await mine.write((tx) => tx.sessionDeadlines.remove([]));
    assert.deepEqual(await found(), [undefined, undefined, 1_903, 5], "another tenant's user keeps its own");
    await mine.write((tx) => tx.sessionDeadlines.remove([users[2]!, other]));
  });
});
