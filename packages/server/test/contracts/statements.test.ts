import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { sql } from "kysely";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import type { User } from "../../src/modules/accounts/users/index.ts";
import { isIn } from "../../src/storage/in-list.ts";
import { statement } from "../../src/storage/statement.ts";
import { within } from "../../src/storage/tenant-wall.ts";
import { lock, read, write } from "../../src/storage/verbs.ts";
import { inUnit, newUser, raiseWalls, type Walls } from "../support/store-world.ts";
import { onEachDatabase, type World } from "../support/world.ts";

interface Question {
  readonly scope: TenantScope | null;
  readonly isActive?: boolean;
  readonly ids?: readonly number[];
  readonly username?: string | undefined;
}

onEachDatabase("statements", (open) => {
  let world: World;
  let walls: Walls;
  let own: number[];
  let foreign: number[];
  before(async () => {
    world = await open();
    walls = await raiseWalls(world);
    const plant = async (scope: TenantScope) => {
      const names = ["one", "two", "three"].map((name) => `${name}-${scope.organizationId}`);
      const users: User[] = [];
      for (const username of names) users.push(await newUser(world, scope, { username, isActive: !username.startsWith("two") }));
      await inUnit(world, scope, (tx) => tx.users.insert(users.map((user) => ({ user, profiles: [] }))));
      return users.map(({ id }) => id);
    };
    own = await plant(walls.own);
    foreign = (await Promise.all(walls.strangers.map(([, scope]) => plant(scope)))).flat();
  });
  after(() => world.close());

  let built = 0;
  const accounts = statement<Question, { id: number }>((handle, { scope, ids, username, isActive }) => {
    built += 1;
    let query = handle.selectFrom("user_account").select("id").where(within(scope, "user_account")).orderBy("id");
    if (username !== undefined) query = query.where("username", "=", username);
    if (ids !== undefined) query = query.where(isIn(sql.ref("id"), ids));
    return isActive === undefined ? query : query.where("is_active", "=", sql<boolean>`${sql.lit(isActive)}`);
  });
  const find = async (question: Question) => (await read(world.app.database.reader, accounts, question)).map(({ id }) => id);
  const textsFor = async (work: () => Promise<unknown>) => {
    const before = built;
    await work();
    return built - before;
  };

  it("are made once for each shape of their input, and find what each input asks for", async () => {
    const [one, two, three] = own as [number, number, number];
    const scope = walls.own;
    const shapes: readonly [expected: number[], ...same: Question[]][] = [
      [own, { scope }, { scope, username: undefined }],
      [[one, two], { scope, ids: [one, two] }, { scope, ids: [two, one, ...foreign] }],
      [[two], { scope, ids: [two] }],
      [[], { scope, ids: [] }],
      [[one, three], { scope, isActive: true }],
      [[two], { scope, isActive: false }],
      // The text has the name before the ids, whichever comes first in the input.
      [[one], { scope, ids: [one, three], username: `one-${scope.organizationId}` }],
    ];
    for (const [expected, ...same] of shapes) {
      const texts = await textsFor(async () => {
        for (const question of [...same, ...same]) assert.deepEqual(await find(question), expected, JSON.stringify(question));
      });
      assert.equal(texts, 1, JSON.stringify(same[0]));
    }
  });

  it("keep the tenant wall with each input: scopes of one kind share a text, and none sees another's rows", async () => {
    const ids = [...own, ...foreign];
    assert.deepEqual(await find({ scope: walls.own, ids }), own);
    for (const [reason, scope] of walls.strangers) {
      const found = await find({ scope, ids });
      assert.equal(found.length, 3, reason);
      assert.ok(
        found.every((id) => foreign.includes(id)),
        reason,
      );
      assert.deepEqual(await find({ scope, ids: own }), [], reason);
    }
    assert.deepEqual(
      await find({ scope: null, ids }),
      ids.toSorted((one, other) => one - other),
    );
    const [, [, sibling]] = walls.strangers as [Walls["strangers"][number], Walls["strangers"][number]];
    assert.equal(await textsFor(() => find({ scope: sibling, ids })), 0, "a sibling's scope is of the same kind");
  });

  it("that return rows are done at once, and those that return none before the next look", async () => {
    const [id] = own;
    const emailOf = statement((handle, { scope, id }: { readonly scope: TenantScope | null; readonly id: number }) =>
      handle.selectFrom("user_account").select("email").where("id", "=", id).where(within(scope, "user_account")),
    );
    const settingEmail = (handle: Parameters<Parameters<typeof world.app.database.write>[0]>[0], email: string, account: number) =>
      handle.updateTable("user_account").set({ email }).where("id", "=", account);
    const returning = statement((handle, { email, id }: { readonly email: string; readonly id: number }) =>
      settingEmail(handle, email, id).returning("email"),
    );
    const silent = statement((handle, { email, id }: { readonly email: string; readonly id: number }) => settingEmail(handle, email, id), {
      writes: "user_account",
    });
    const scope = walls.own;
    await assert.rejects(
      world.app.database.write(async (handle) => {
        assert.deepEqual(await lock(handle, returning, { email: "a@example.net", id: id! }), [{ email: "a@example.net" }]);
        await write(handle, silent, { email: "b@example.net", id: id! });
        assert.deepEqual(await read(handle, emailOf, { scope, id: id! }), [{ email: "b@example.net" }]);
        throw new Error("undo");
      }),
      /undo/,
    );
    assert.deepEqual(await read(world.app.database.reader, emailOf, { scope, id: id! }), [{ email: null }]);
    for (const [reason, stranger] of walls.strangers) {
      assert.deepEqual(await read(world.app.database.reader, emailOf, { scope: stranger, id: id! }), [], reason);
    }
  });
});
