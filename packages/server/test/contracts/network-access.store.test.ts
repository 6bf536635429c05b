import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { decide } from "../../src/aaa/authorization/decide.ts";
import { rowOfDecision } from "../../src/modules/network/network-access/access-decision.store.ts";
import type { AccountFacts, Reservation } from "../../src/modules/network/network-access/index.ts";
import { createLoadFacts } from "../../src/modules/network/network-access/load-facts.stage.ts";
import { makeAccount } from "../support/network.ts";
import { firstPage, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the stores of network access", (open) => {
  let world: World;
  let mine: Tenant;
  let neighbour: Tenant;
  let foreign: Tenant;
  let strangers: Tenant[];
  let userId: number;
  let reservation: Reservation;
  const nowMs = 1_700_000_000_000;
  before(async () => {
    world = await open();
    ({ mine, neighbour, foreign } = await makeTenants(world));
    strangers = [neighbour, foreign];
    for (const short_name of ["b-first", "a-second"]) {
      assert.equal((await world.post("/aaa_profile/", { short_name, organization: mine.id })).status, 201);
    }
    const profile = ["b-first", "a-second"];
    userId = await makeAccount(world, { username: "Straße", organization: mine.id, user_time: 600, expiration: "2100-01-01", profile });
    await makeAccount(world, { username: "strasse", organization: foreign.id });
    reservation = {
      namespaceId: mine.namespaceId,
      userId,
      clientId: 7,
      station: "aabbccddee01",
      decisionId: 1,
      expiresAtMs: nowMs + 60_000,
      interimSeconds: 300,
      timeoutSeconds: null,
    };
  });
  after(() => world.close());

  it("accessFacts.findInNamespace, findByKeys, findById and findMany: one account with balance and profiles in order, in sight", async () => {
    const { accessFacts } = mine.stores;
    const found = (await accessFacts.findInNamespace(mine.namespaceId, "strasse")) as AccountFacts;
    const { passwordHash, profileIds, version, ...rest } = found;
    assert.equal(version, 1);
    assert.match(passwordHash!, /^\$argon2id\$/);
    assert.deepEqual(rest, {
      id: userId,
      namespaceId: mine.namespaceId,
      organizationId: mine.id,
      username: "Straße",
      isActive: true,
      expirationMs: Date.UTC(2100, 0, 1),
      seconds: 600,
    });
    const names = [];
    for (const id of profileIds) names.push((await mine.stores.aaaProfiles.find(id))?.shortName);
    assert.deepEqual(names, ["b-first", "a-second"]);
    assert.deepEqual(await accessFacts.findByKeys(["none", "strasse"]), [found]);
    assert.deepEqual(await accessFacts.findById(userId), found);
    assert.deepEqual(await accessFacts.findMany([userId, 999_999]), new Map([[userId, found]]));
    assert.deepEqual(await accessFacts.findMany([]), new Map());
    assert.equal(await accessFacts.findInNamespace(mine.namespaceId, "none"), undefined);
    assert.deepEqual(await accessFacts.findByKeys([]), []);
    assert.equal((await world.app.work.acrossTenants("a test").accessFacts.findByKeys(["strasse"])).length, 2);
    for (const stranger of strangers) {
      assert.equal(await stranger.stores.accessFacts.findInNamespace(mine.namespaceId, "strasse"), undefined);
      assert.equal(await stranger.stores.accessFacts.findById(userId), undefined);
      assert.deepEqual(await stranger.stores.accessFacts.findMany([userId, 999_999]), new Map());
      const others = await stranger.stores.accessFacts.findByKeys(["strasse"]);
      assert.ok(others.every((account) => account.organizationId === stranger.id));
    }
  });

  it("aaaProfiles.findMany: those in sight", async () => {
    const { profileIds } = (await mine.stores.accessFacts.findById(userId))!;
    assert.deepEqual((await mine.stores.aaaProfiles.findMany([...profileIds, 999_999])).map(({ id }) => id).sort(), [...profileIds].sort());
    for (const stranger of strangers) assert.deepEqual(await stranger.stores.aaaProfiles.findMany(profileIds), []);
  });

  it("reservations.lockUser: only users in sight", async () => {
    assert.equal(await mine.write((tx) => tx.reservations.lockUser(mine.namespaceId, userId)), true);
    assert.equal(await mine.write((tx) => tx.reservations.lockUser(mine.namespaceId, 999_999)), false);
    for (const stranger of strangers) {
      assert.equal(await stranger.write((tx) => tx.reservations.lockUser(mine.namespaceId, userId)), false);
    }
  });

  it("reservations.make and accessFacts.countSessions: one reservation a device, other devices' alone are counted", async () => {
    const question = { namespaceId: mine.namespaceId, userId, clientId: 7, station: "other", nowMs };
    const reserved = async (more: object = {}) => (await mine.stores.accessFacts.countSessions({ ...question, ...more }))!;
    await mine.write((tx) => tx.reservations.make(reservation));
    await mine.write((tx) => tx.reservations.make({ ...reservation, decisionId: 2 }));
    const { seconds } = (await mine.stores.accessFacts.findById(userId))!;
    assert.deepEqual(await reserved(), { live: 0, reserved: 1, unreportedMs: 0, seconds, version: 1 });
    assert.equal((await reserved({ station: reservation.station })).reserved, 0);
    assert.equal((await reserved({ station: reservation.station, clientId: 8 })).reserved, 1, "the same device elsewhere");
    assert.equal((await reserved({ nowMs: nowMs + 60_000 })).reserved, 0, "its minute is over");
    for (const stranger of strangers) {
      assert.equal(await stranger.stores.accessFacts.countSessions(question), undefined);
    }
    assert.equal(await mine.stores.accessFacts.countSessions({ ...question, userId: 999_999 }), undefined, "nobody is not unmetered");
  });

  it("a session's share is of the balance at the moment when the sessions were counted, not of one read before", async () => {
    const tree = await world.app.services.organizations.directory.current();
    const account = (await mine.stores.accessFacts.findById(userId))!;
    const { work } = world.app;
    const { directory } = world.app.services.organizations;
    const profiles = { edition: () => 0, inMemory: () => [], read: async () => [], forget: () => {} };
    const loadFacts = createLoadFacts({ work, directory, profiles, findAgain: async () => assert.fail("the account stays what it is") });
    const place = {
      organizationId: mine.id,
      clientId: 7,
      station: "first",
      payer: ["client", "device"],
      place: "client",
      device: "",
    } as const;
    const { facts } = await loadFacts(
      {
        question: { ...place, userName: account.username, credential: "assumed", attributes: {} },
        tree,
        scope: tree.scopeOf(mine.id),
        account: { ...account, seconds: 999 },
        profileEdition: 0,
        verified: { facts: { method: "pap", verdict: "right" }, hasWaited: false },
      },
      nowMs + 60_000,
    );
    const decision = decide(facts);
    assert.equal(decision.outcome === "accept" && decision.sessionTimeoutSeconds, 600);
  });

  it("accountLogins.lockHash: an account in sight that still has the hash", async () => {
    const account = (await mine.stores.accessFacts.findById(userId))!;
    assert.equal(await mine.write((tx) => tx.accountLogins.lockHash(account, account.passwordHash!)), true);
    assert.equal(await mine.write((tx) => tx.accountLogins.lockHash(account, "another")), false);
    for (const stranger of strangers) {
      assert.equal(await stranger.write((tx) => tx.accountLogins.lockHash(account, account.passwordHash!)), false);
    }
  });

  it("reservations.confirm: by decision or device, at its client, once", async () => {
    const session = { namespaceId: mine.namespaceId, userId, clientId: 7, station: "", decisionId: 2 };
    const confirm = (more: object = {}) => mine.write((tx) => tx.reservations.confirm({ ...session, ...more }));
    assert.equal(await confirm({ decisionId: 3 }), undefined);
    assert.equal(await confirm({ clientId: 8, station: reservation.station }), undefined);
    assert.equal(await confirm({ namespaceId: foreign.namespaceId }), undefined);
    assert.deepEqual(await confirm(), { ...reservation, decisionId: 2 });
    assert.equal(await confirm(), undefined);
    await mine.write((tx) => tx.reservations.make(reservation));
    assert.deepEqual(await confirm({ decisionId: null, station: reservation.station }), reservation);
  });

  it("reservations.release: the same, and tells nothing", async () => {
    const session = { namespaceId: mine.namespaceId, userId, clientId: 7, station: reservation.station, decisionId: null };
    const held = async () => (await world.app.database.reader.selectFrom("reservation").select("decision_id").execute()).length;
    await mine.write((tx) => tx.reservations.make(reservation));
    for (const other of [{ clientId: 8 }, { namespaceId: foreign.namespaceId }, { station: "elsewhere", decisionId: 3 }]) {
      await mine.write((tx) => tx.reservations.release({ ...session, ...other }));
      assert.equal(await held(), 1, JSON.stringify(other));
    }
    await mine.write((tx) => tx.reservations.release(session));
    assert.equal(await held(), 0);
  });

  it("reservations.removeExpired: so many, the oldest first", async () => {
    for (const [index, station] of ["x", "y", "z"].entries()) {
      await mine.write((tx) => tx.reservations.make({ ...reservation, station, expiresAtMs: nowMs + index }));
    }
    const remove = (beforeMs: number, most: number) => mine.write((tx) => tx.reservations.removeExpired(beforeMs, most));
    assert.equal(await remove(nowMs, 10), 0);
    assert.equal(await remove(nowMs + 2, 1), 1);
    assert.equal(await remove(nowMs + 2, 10), 1);
    const left = await world.app.database.reader.selectFrom("reservation").select("station").execute();
    assert.deepEqual(left, [{ station: "z" }]);
  });

  it("accessDecisions: insert, find, list by every filter, follow and forget a user, in sight", async () => {
    const id = await world.app.ids.take("access_decision");
    const record = {
      id,
      namespaceId: mine.namespaceId,
      organizationId: mine.id,
      createdAtMs: nowMs,
      clientId: 7,
      userId,
      username: "Straße",
      callingStation: "AA",
      source: "radius",
      outcome: "reject",
      reason: "expired",
      sessionTimeoutSeconds: null,
      reply: [],
      trace: [{ step: "user", verdict: "pass", detail: "x" }],
    } as const;
    await mine.write((tx) => tx.accessDecisions.insert([rowOfDecision(record)]));
    const find = () => mine.stores.accessDecisions.find(id);
    assert.deepEqual(await find(), record);
    for (const filters of [{}, { userId }, { clientId: 7 }, { outcome: "reject" }, { sinceMs: nowMs }, { untilMs: nowMs + 1 }] as const) {
      assert.deepEqual((await mine.stores.accessDecisions.list(filters, firstPage)).rows, [record], JSON.stringify(filters));
      for (const stranger of strangers) assert.equal((await stranger.stores.accessDecisions.list(filters, firstPage)).count, 0);
    }
    for (const filters of [{ userId: 1 }, { clientId: 8 }, { outcome: "accept" }, { sinceMs: nowMs + 1 }, { untilMs: nowMs }] as const) {
      assert.equal((await mine.stores.accessDecisions.list(filters, firstPage)).count, 0, JSON.stringify(filters));
    }
    const user = { id: userId, namespaceId: mine.namespaceId };
    for (const stranger of strangers) {
      assert.equal(await stranger.stores.accessDecisions.find(id), undefined);
      await stranger.write((tx) => tx.accessDecisions.forgetUser(user));
      await stranger.write((tx) => tx.accessDecisions.followUsers([{ ...user, organizationId: stranger.id }]));
    }
    assert.deepEqual(await find(), record);
    await mine.write((tx) => tx.accessDecisions.forgetUser(user));
    assert.deepEqual(await find(), { ...record, userId: null, username: null, callingStation: null, trace: [] });
    const refused = { step: "expiration", verdict: "refuse", detail: "y" } as const;
    const other = { ...record, id: id + 1_000, trace: [...record.trace, refused] };
    // Before lines that pass were pairs, all were objects.
    const early = { ...rowOfDecision({ ...other, id: id + 1_001 }), trace: JSON.stringify(other.trace) };
    await mine.write((tx) => tx.accessDecisions.insert([rowOfDecision(other), early]));
    for (const one of [other.id, early.id]) assert.deepEqual((await mine.stores.accessDecisions.find(one))?.trace, other.trace);
    await mine.write((tx) => tx.accessDecisions.followUsers([{ ...user, organizationId: neighbour.id }]));
    assert.equal((await neighbour.stores.accessDecisions.find(id + 1_000))?.organizationId, neighbour.id);
  });

  it("accountLogins.noteLogins: the first for ever, the last always, in sight", async () => {
    const login = (atMs: number) => [{ namespaceId: mine.namespaceId, userId, atMs }];
    const read = async () => {
      const user = (await mine.stores.users.find(userId))!;
      return [user.firstLoginMs, user.lastLoginMs];
    };
    for (const stranger of strangers) await stranger.write((tx) => tx.accountLogins.noteLogins(login(5)));
    assert.deepEqual(await read(), [null, null]);
    await mine.write((tx) => tx.accountLogins.noteLogins([]));
    for (const [atMs, expected] of [
      [10, [10, 10]],
      [20, [10, 20]],
      [15, [10, 20]],
    ] as const) {
      await mine.write((tx) => tx.accountLogins.noteLogins(login(atMs)));
      assert.deepEqual(await read(), expected);
    }
  });

  it("accountLogins.replaceHash: the hash that was verified and no other, in sight", async () => {
    const user = { id: userId, namespaceId: mine.namespaceId };
    const read = async () => (await mine.stores.users.find(userId))!.passwordHash!;
    const old = await read();
    for (const stranger of strangers) await stranger.write((tx) => tx.accountLogins.replaceHash(user, old, "stolen"));
    await mine.write((tx) => tx.accountLogins.replaceHash(user, "another", "stolen"));
    assert.equal(await read(), old);
    await mine.write((tx) => tx.accountLogins.replaceHash(user, old, "new"));
    assert.equal(await read(), "new");
  });

  it("clientContacts.note: where each client was heard last", async () => {
    const contact = { namespaceId: 1, clientId: 7, node: "a", heardAtMs: 1 };
    await mine.write((tx) => tx.clientContacts.note([contact, { ...contact, clientId: 5 }]));
    await mine.write((tx) => tx.clientContacts.note([{ ...contact, node: "b", heardAtMs: 2 }]));
    const rows = await world.app.database.reader
      .selectFrom("client_contact")
      .select(["client_id", "node", "last_seen_at"])
      .orderBy("client_id")
      .execute();
    assert.deepEqual(rows, [
      { client_id: 5, node: "a", last_seen_at: 1 },
      { client_id: 7, node: "b", last_seen_at: 2 },
    ]);
  });
});
