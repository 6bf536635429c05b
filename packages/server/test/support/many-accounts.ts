import { commandCaller } from "../../src/first-start.ts";
import { noParticulars } from "../../src/modules/accounts/user-extras/user-extra.ts";
import type { User } from "../../src/modules/accounts/users/index.ts";
import { inUnit, newUser } from "./store-world.ts";
import type { World } from "./world.ts";

/** Accounts of one unit. */
const together = 1_000;

/** Fills the tables of accounts past the API: names that differ in their last characters alone, each with an extra record and a device. */
export const plantAccounts = async (world: World, count: number): Promise<void> => {
  const { scope } = commandCaller("test");
  for (let start = 0; start < count; start += together) {
    const users = await Promise.all(
      Array.from({ length: Math.min(together, count - start) }, (_, index) =>
        newUser(world, scope, { username: `subscriber-of-the-town-${String(start + index).padStart(6, "0")}` }),
      ),
    );
    const extraIds = await world.app.ids.takeMany("user_extra", users.length);
    const deviceIds = await world.app.ids.takeMany("device", users.length);
    await inUnit(world, scope, async (tx) => {
      const { nowMs } = tx;
      const place = ({ nameSpaceId, organizationId }: User) => ({ nameSpaceId, organizationId, version: 1, createdAtMs: nowMs });
      await tx.users.insert(users.map((user) => ({ user, profiles: [] })));
      await tx.userExtras.insert(
        users.map((user, index) => ({
          ...place(user),
          id: extraIds[index]!,
          parentId: user.id,
          particulars: noParticulars,
          updatedAtMs: nowMs,
        })),
      );
      await tx.devices.insertNew(
        users.map((user, index) => ({
          ...place(user),
          id: deviceIds[index]!,
          userId: user.id,
          kind: "inventory",
          identifier: `device-of-${user.username}`,
          lastChangeMs: nowMs,
          deviceType: null,
          serialNumber: null,
          model: null,
          assignedDateMs: null,
          status: null,
        })),
      );
    });
  }
};
