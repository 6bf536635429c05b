import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Stores } from "../../src/composition/app.ts";
import { type Caller, systemCaller } from "../../src/kernel/caller.ts";
import type { Change } from "../../src/kernel/change.ts";
import type { Transaction } from "../../src/kernel/unit-of-work.ts";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { createRequestDispatcher } from "../../src/modules/network/disconnects/request-dispatcher.ts";
import { sessionDeadlineHandler } from "../../src/modules/network/disconnects/session-deadline.handler.ts";
import { makeAccount, makeClient, report, sessionsIn } from "../support/network.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

type Tx = Transaction<Stores>;

onEachDatabase("the plans of sessions that changes move", (open) => {
  let world: World;
  let mine: Tenant;
  let client: AaaClient;
  let planned: number;
  let woken: number;
  before(async () => {
    world = await open();
    ({ mine } = await makeTenants(world));
    client = await makeClient(world, mine.id, { coa_port: null });
  });
  after(() => world.close());

  const makeHandler = (takesRequests: boolean) => {
    [planned, woken] = [0, 0];
    return sessionDeadlineHandler({
      isConcurrent: true,
      takesRequests: () => takesRequests,
      dispatcher: createRequestDispatcher({
        node: null,
        directory: world.app.services.organizations.directory,
        wake: () => {
          woken += 1;
        },
      }),
    });
  };

  /** An account with live sessions, whose plans the server has made already. */
  const makeGuest = async (username: string, sessions: number): Promise<number> => {
    const guest = await makeAccount(world, { username, organization: mine.id, user_time: 1_000 });
    for (let index = 0; index < sessions; index += 1) {
      await report(world, client, "Start", { id: `${username}-${index}`, userName: username, device: `AA-00-00-00-00-0${index}` });
    }
    return guest;
  };

  const changeOf = (resourceId: number, before: object, after: object): Change => ({
    operation: "test",
    resource: "user",
    resourceId,
    namespaceId: mine.namespaceId,
    organizationId: mine.id,
    before: { organization: mine.id, ...before },
    after: { organization: mine.id, ...after },
  });

  /** The same transaction, of which it is known how often a plan was made in it. */
  const counting = (tx: Tx): Tx =>
    Object.assign(Object.create(tx) as Tx, {
      doTogether: (task: Parameters<Tx["doTogether"]>[0], item: unknown) => tx.doTogether(countedOf(task), item),
    });
  const counted = new WeakMap<object, Parameters<Tx["doTogether"]>[0]>();
  const countedOf = (task: Parameters<Tx["doTogether"]>[0]) => {
    const known = counted.get(task) ?? {
      ...task,
      run(...parts: Parameters<typeof task.run>) {
        planned += 1;
        return task.run(...parts);
      },
    };
    counted.set(task, known);
    return known;
  };

  /** One unit that does what a change of an account does. */
  const change = async (handler: ReturnType<typeof makeHandler>, one: Change, caller: Caller = systemCaller("test")): Promise<void> => {
    const changes = [one];
    await world.app.work.run(caller, async (tx) => {
      await tx.accountLocks.take([{ id: one.resourceId, namespaceId: one.namespaceId }], "together");
      await handler.inTransaction!(counting(tx), changes);
    });
    handler.afterCommit!(changes);
  };

  const topUp = (guest: number, seconds: number) => changeOf(guest, { user_time: 1_000 }, { user_time: 1_000 + seconds });

  const requestsOf = async (guest: number) => {
    const { reader } = world.app.database;
    const ids = (await sessionsIn(world, `user=${guest}`)).map((row) => row.radacctid as number);
    return reader.selectFrom("session_request").select(["session_id", "kind", "actor"]).where("session_id", "in", ids).execute();
  };

  it("wake nobody where nothing is due and nothing was asked", async () => {
    const guest = await makeGuest("quiet", 2);
    const handler = makeHandler(false);
    await change(handler, topUp(guest, 60));
    await change(handler, changeOf(guest, { klass: "a" }, { klass: "b" }));
    assert.equal(woken, 0);
    assert.equal(planned, 1, "what moves no end is not planned");
  });

  it("wake where sessions are over at once, and where clients are newly asked", async () => {
    const guest = await makeGuest("woken", 2);
    const handler = makeHandler(true);
    await change(handler, topUp(guest, 60));
    assert.equal(woken, 1);
    assert.equal((await requestsOf(guest)).length, 2);
    await change(handler, topUp(guest, 61));
    assert.equal(woken, 1, "both are asked already");
    await world.app.database.write((handle) =>
      handle
        .updateTable("user_account")
        .set({ is_active: world.app.database.name === "sqlite" ? (0 as never) : false })
        .where("id", "=", guest)
        .execute(),
    );
    await change(handler, changeOf(guest, { is_active: true }, { is_active: false }));
    assert.equal(woken, 2);
  });

  it("are made once for all units that share a transaction, and ask each client once, in the name of the first that moves its session", async () => {
    const guest = await makeGuest("shared", 3);
    const handler = makeHandler(true);
    await Promise.all(Array.from({ length: 12 }, (_, index) => change(handler, topUp(guest, index), systemCaller(`caller-${index}`))));
    const requests = await requestsOf(guest);
    assert.equal(requests.length, 3);
    assert.equal(new Set(requests.map(({ actor }) => actor)).size, 1);
    if (world.app.database.name === "postgres") assert.ok(planned < 12, `${planned} times`);
  });
});
