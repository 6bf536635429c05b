import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import { filterUsers, keptUsers, type UserListFilters } from "../../src/modules/accounts/users/user-filters.store.ts";
import { type AccountRow, selectAccounts } from "../../src/modules/accounts/users/user-row.store.ts";
import { type ListedRows, listOf } from "../../src/storage/paging.ts";
import { inUnit, newUser, raiseWalls, type Walls } from "../support/store-world.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("pages far into a list, whose count is kept", (open) => {
  let world: World;
  let walls: Walls;
  let pageOf: ReturnType<typeof listOf<UserListFilters, AccountRow>>;
  before(async () => {
    world = await open();
    walls = await raiseWalls(world);
    const search = world.app.database.capabilities.substringIndex;
    pageOf = listOf<UserListFilters, AccountRow>({
      table: "user_account",
      filtered: (rows: ListedRows, scope, filters) => filterUsers(rows, scope, filters, search),
      kept: keptUsers,
      shown: selectAccounts,
      // Every page but the first is far.
      nearOffset: 0,
    });
    // In turns, so that each tenant's rows lie between the others'.
    for (let number = 0; number < 9; number += 1) {
      for (const scope of [walls.own, ...walls.strangers.map(([, stranger]) => stranger)]) {
        const user = await newUser(world, scope, { username: `far-${scope.organizationId}-${number}`, isActive: number % 3 !== 0 });
        await inUnit(world, scope, async (tx) => {
          await tx.users.insert([{ user, profiles: [] }]);
          const after = { organization: user.organizationId, is_active: user.isActive };
          const { namespaceId, organizationId } = user;
          tx.record({ operation: "test", resource: "user", resourceId: user.id, namespaceId, organizationId, before: null, after });
        });
      }
    }
  });
  after(() => world.close());

  const read = async (scope: TenantScope, filters: UserListFilters, limit: number, offset: number) => {
    const page = { limit, start: { offset }, exactCount: true };
    const { rows, count, lastId } = await pageOf(world.app.database.reader, { scope, filters, page });
    return { ids: rows.map(({ id }) => id), count, lastId };
  };

  it("show the same rows from either end; another tenant sees its own alone", async () => {
    const organization = { id: walls.own.organizationId, namespaceId: walls.own.namespaceId };
    const scopes: readonly (readonly [TenantScope, UserListFilters, least: number])[] = [
      [walls.root, {}, 27],
      [walls.root, { organization }, 9],
      [walls.root, { organization, isActive: false }, 3],
      [walls.own, {}, 9],
      ...walls.strangers.map(([, scope]) => [scope, { isActive: true }, 6] as const),
    ];
    for (const [scope, filters, least] of scopes) {
      const all = await read(scope, filters, 100, 0);
      assert.ok(all.ids.length >= least, `${all.ids.length} of ${least}`);
      assert.equal(all.count, all.ids.length);
      for (const limit of [1, 4, 100]) {
        for (let offset = 1; offset < all.count + 3; offset += 1) {
          const ids = all.ids.slice(offset, offset + limit);
          const lastId = offset + limit < all.count ? ids.at(-1) : undefined;
          assert.deepEqual(await read(scope, filters, limit, offset), { ids, count: all.count, lastId }, `${limit} from ${offset}`);
        }
      }
    }
  });
});
