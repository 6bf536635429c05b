import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Session, SessionStore } from "../../src/modules/network/sessions/index.ts";
import { sessionRow } from "../support/session-rows.ts";
import { firstPage, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the stores of sessions", (open) => {
  let world: World;
  let mine: Tenant;
  let neighbour: Tenant;
  let foreign: Tenant;
  let strangers: Tenant[];
  let session: Session;
  before(async () => {
    world = await open();
    const { mine: own, ...others } = await makeTenants(world);
    mine = own;
    ({ neighbour, foreign } = others);
    strangers = Object.values(others);
    session = sessionRow({ id: 1, namespaceId: mine.namespaceId, organizationId: mine.id, userId: 42, clientId: 7 });
  });
  after(() => world.close());

  const found = () => mine.stores.sessions.find(session.id);
  const put = (change: Partial<Session>) => mine.write((tx) => tx.reportedSessions.insert({ ...session, ...change }));

  it("insert, find, lock and listKnown: whole; known to its client alone", async () => {
    await put({});
    assert.deepEqual(await found(), session);
    assert.deepEqual(await mine.write((tx) => tx.sessions.lock(1)), session);
    const owner = { id: 42, namespaceId: mine.namespaceId };
    const nobody = { ...owner, id: 4_242 };
    for (const owners of [[owner], [nobody, owner]]) {
      assert.deepEqual(await mine.write((tx) => tx.sessions.lockLiveOf(owners)), [session]);
    }
    assert.deepEqual(await mine.write((tx) => tx.sessions.lockLiveOf([])), []);
    const { reportedSessions } = mine.stores;
    assert.deepEqual(await reportedSessions.listKnown(7, "abc"), [session]);
    assert.deepEqual([await reportedSessions.listKnown(8, "abc"), await reportedSessions.listKnown(7, "ab")], [[], []]);
    for (const stranger of strangers) {
      assert.equal(await stranger.stores.sessions.find(1), undefined);
      assert.equal(await stranger.write((tx) => tx.sessions.lock(1)), undefined);
      for (const owners of [[owner], [nobody, owner]]) {
        assert.deepEqual(await stranger.write((tx) => tx.sessions.lockLiveOf(owners)), []);
      }
    }
  });

  it("insert: one open session of an Acct-Session-Id at a client, and any number of closed ones", async () => {
    await assert.rejects(put({ id: 2 }), { name: "ConstraintViolation", constraint: "session__open" });
    await put({ id: 3, clientId: 8, acctSessionId: "other", interimSeconds: null, lastSeenAtMs: 162 });
    await put({ id: 4, startMs: 50, stopMs: 90, closedBy: "stop", closedAtMs: 90 });
    const known = await mine.stores.reportedSessions.listKnown(7, "abc");
    assert.deepEqual(
      known.map(({ id }) => id),
      [1, 4],
      "the latest first",
    );
  });

  it("list: by every filter, with counts, in sight", async () => {
    const filters: [Parameters<SessionStore["list"]>[0], number[]][] = [
      [{ userId: 42 }, [1, 3, 4]],
      [{ clientId: 7 }, [1, 4]],
      [{ clientId: 7, isLive: true }, [1]],
      [{ clientId: 7, isLive: false }, [4]],
      [{ sinceMs: 100 }, [1, 3]],
      [{ untilMs: 100 }, [4]],
      [{ userId: 43 }, []],
    ];
    for (const [filter, ids] of filters) {
      const page = await mine.stores.sessions.list(filter, firstPage);
      assert.deepEqual([page.rows.map(({ id }) => id), page.count], [ids, ids.length], JSON.stringify(filter));
      for (const stranger of strangers) assert.deepEqual((await stranger.stores.sessions.list(filter, firstPage)).rows, []);
    }
  });

  it("listLiveOf, listLiveOfAll and listOpen: a user's, and a client's that began by then", async () => {
    const owner = { id: 42, namespaceId: mine.namespaceId };
    assert.deepEqual(
      (await mine.stores.sessions.listLiveOf(owner)).map(({ id }) => id),
      [1, 3],
    );
    const others = [owner, { ...owner, id: 4_242 }, { ...owner, namespaceId: owner.namespaceId + 1 }];
    for (const owners of [[owner], others]) {
      assert.deepEqual(
        (await mine.stores.sessions.listLiveOfAll(owners)).map(({ id }) => id),
        [1, 3],
      );
      for (const stranger of strangers) assert.deepEqual(await stranger.stores.sessions.listLiveOfAll(owners), []);
    }
    assert.deepEqual(await mine.stores.sessions.listLiveOfAll([]), []);
    for (const stranger of strangers) assert.deepEqual(await stranger.stores.sessions.listLiveOf(owner), []);
    const nobody = { ...owner, id: 999_999 };
    for (const owners of [[owner], [owner, nobody]]) assert.deepEqual(await mine.stores.sessions.mayHaveLive(owners), new Set([owner.id]));
    for (const owners of [[], [nobody]]) assert.deepEqual(await mine.stores.sessions.mayHaveLive(owners), new Set());
    const { reportedSessions } = mine.stores;
    const ids = async (...asked: Parameters<typeof reportedSessions.listOpen>) =>
      (await reportedSessions.listOpen(...asked)).map(({ id }) => id);
    assert.deepEqual(
      [await ids(7, 100, 0, 10), await ids(7, 99, 0, 10), await ids(7, 100, 1, 10), await ids(9, 100, 0, 10)],
      [[1], [], [], []],
    );
  });

  it("advance: what nobody else has written meanwhile", async () => {
    const progress = { reportedSeconds: 60, inputOctets: 1, outputOctets: 2, lastUpdateMs: 160, reportedAtMs: 161, lastSeenAtMs: 162 };
    const counts = { ...progress, intervalSeconds: 60, burnedSeconds: 50, unbilledSeconds: 10, ledgerId: 9 };
    assert.equal(await mine.write((tx) => tx.reportedSessions.advance({ ...session, reportedSeconds: 1 }, counts)), false);
    assert.equal(await mine.write((tx) => tx.reportedSessions.advance({ ...session, lastUpdateMs: 1 }, counts)), false);
    assert.equal(await mine.write((tx) => tx.reportedSessions.advance(session, counts)), true);
    assert.equal(await mine.write((tx) => tx.reportedSessions.advance(session, counts)), false);
    session = { ...session, ...counts };
    assert.deepEqual(await found(), session);
  });

  it("revise: what a report may say, of the session as it was read, at its client", async () => {
    const revision = { framedIpAddress: "10.0.0.1", timeoutAtMs: 500, terminateCause: "x" };
    for (const stale of [{ clientId: 8 }, { userId: 43 }, { userId: null }, { stopMs: 1 }, { reportedSeconds: 1 }]) {
      assert.equal(await mine.write((tx) => tx.reportedSessions.revise({ ...session, ...stale }, revision)), false, JSON.stringify(stale));
    }
    assert.equal(await mine.write((tx) => tx.reportedSessions.revise(session, revision)), true);
    session = { ...session, ...revision };
    assert.deepEqual(await found(), session);
  });

  it("setTimeout: in sight", async () => {
    for (const stranger of strangers) await stranger.write((tx) => tx.sessions.setTimeout(session, 1));
    assert.deepEqual(await found(), session);
    await mine.write((tx) => tx.sessions.setTimeout(session, 700));
    session = { ...session, timeoutAtMs: 700 };
    assert.deepEqual(await found(), session);
  });

  it("listStale: those with three reports missing, a page at a time, in sight", async () => {
    const { sessions } = mine.stores;
    const stale = async (nowMs: number, afterId = 0, max = 10) => {
      const page = await sessions.listStale(nowMs, afterId, max);
      return [page.stale.map(({ id }) => id), page.lastId];
    };
    // The first was told to report every 100 s, the other nothing: ten minutes are usual.
    const heardMs = session.lastSeenAtMs;
    assert.deepEqual(await stale(heardMs + 360_000), [[], undefined]);
    assert.deepEqual(await stale(heardMs + 360_001), [[1], undefined]);
    assert.deepEqual(await stale(heardMs + 1_860_001), [[1, 3], undefined]);
    assert.deepEqual(await stale(heardMs + 1_860_001, 0, 1), [[1], 1]);
    assert.deepEqual(await stale(heardMs + 1_860_001, 1, 10), [[3], undefined]);
    for (const stranger of strangers)
      assert.deepEqual((await stranger.stores.sessions.listStale(Number.MAX_SAFE_INTEGER, 0, 10)).stale, []);
  });

  it("close: live ones at their last update, once, in sight", async () => {
    const ending = { closedBy: "stale", closedAtMs: 900, terminateCause: "Lost-Carrier" } as const;
    for (const stranger of strangers) assert.deepEqual(await stranger.write((tx) => tx.sessions.close([session], ending)), []);
    const closed = { ...session, ...ending, stopMs: session.lastUpdateMs, ledgerId: null };
    assert.deepEqual(await mine.write((tx) => tx.sessions.close([session], ending)), [closed]);
    assert.deepEqual(await mine.write((tx) => tx.sessions.close([session], ending)), []);
    assert.deepEqual(await found(), closed);
    session = closed;
  });

  it("close by its client: a live session, once, whoever has it in sight, and at no other client", async () => {
    const ending = { closedBy: "restart", closedAtMs: 900, terminateCause: "Lost-Service" } as const;
    const live: Session = {
      ...session,
      id: 6,
      acctSessionId: "replaced",
      stopMs: null,
      closedBy: null,
      closedAtMs: null,
      terminateCause: null,
    };
    await put(live);
    const close = (one: Session, tenant = mine) => tenant.write((tx) => tx.reportedSessions.close(one, ending));
    assert.equal(await close({ ...live, clientId: 8 }), undefined);
    assert.equal(await close({ ...live, namespaceId: 0 }), undefined);
    assert.deepEqual(await close(live, neighbour), { ...live, ...ending, stopMs: live.lastUpdateMs, ledgerId: null });
    assert.equal(await close(live), undefined);
  });

  it("follow and pseudonymize: the sessions of a user, in sight", async () => {
    const owner = { id: 42, namespaceId: mine.namespaceId };
    for (const stranger of strangers) {
      await stranger.write((tx) => tx.sessions.follow([{ ...owner, organizationId: stranger.id }]));
      await stranger.write((tx) => tx.sessions.pseudonymize(owner, "stolen"));
    }
    assert.deepEqual(await found(), session);
    await mine.write((tx) => tx.sessions.pseudonymize(owner, "p-1"));
    const nameless = (await found())!;
    assert.partialDeepStrictEqual(nameless, {
      userId: null,
      pseudonym: "p-1",
      username: null,
      station: "",
      callingStationId: null,
      framedIpAddress: null,
    });
    assert.equal(nameless.calledStationId, session.calledStationId, "the place is nobody's secret");
    await put({ id: 5, acctSessionId: "mover", userId: 44 });
    await mine.write((tx) => tx.sessions.follow([]));
    await mine.write((tx) =>
      tx.sessions.follow([44, 45].map((id) => ({ id, namespaceId: mine.namespaceId, organizationId: neighbour.id }))),
    );
    assert.equal((await neighbour.stores.sessions.find(5))?.organizationId, neighbour.id);
  });

  it("movedSessions: count those of the accounts alone, live and completed apart", async () => {
    const live = { stopMs: null, closedBy: null, closedAtMs: null } as const;
    for (const id of [61, 62]) await put({ ...live, id, acctSessionId: `mover-${id}`, userId: 47 });
    await put({ id: 63, acctSessionId: "mover-63", userId: 47, stopMs: 162, closedAtMs: 162, closedBy: "stop" });
    await put({ ...live, id: 64, acctSessionId: "another", userId: 48 });
    const move = (id: number, namespaceId = mine.namespaceId) => ({ id, namespaceId, from: mine.id, to: neighbour.id });
    const counted = async (...moves: ReturnType<typeof move>[]) =>
      (await mine.stores.movedSessions.count(moves)).toSorted((one, other) => (one.counted < other.counted ? -1 : 1));
    const all = [
      { accountId: 47, counted: "session.active", total: 2 },
      { accountId: 47, counted: "session.completed", total: 1 },
    ];
    assert.deepEqual(await counted(move(47)), all);
    assert.deepEqual(await counted(move(47), move(46)), all);
    assert.deepEqual(await counted(move(47, foreign.namespaceId), move(46)), []);
  });

  it("sessionEvents: append and list, oldest first, of a session in sight", async () => {
    const event = {
      namespaceId: mine.namespaceId,
      organizationId: mine.id,
      sessionId: 1,
      createdAtMs: 5,
      event: "closed",
      actor: "system:test",
      detail: { a: 1 },
    } as const;
    await mine.write((tx) => tx.sessionEvents.append([event, { ...event, event: "reopened" }]));
    await mine.write((tx) => tx.sessionEvents.append([]));
    const { rows } = await mine.stores.sessionEvents.list(session, firstPage);
    assert.deepEqual(
      rows,
      [event, { ...event, event: "reopened" }].map((one, index) => ({ id: rows[index]!.id, ...one })),
    );
    assert.ok(rows[0]!.id < rows[1]!.id);
    for (const stranger of strangers) assert.equal((await stranger.stores.sessionEvents.list(session, firstPage)).count, 0);
  });
});
