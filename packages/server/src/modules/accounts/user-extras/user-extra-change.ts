import { invalidField } from "../../../kernel/errors.ts";
import { jsonBytes, largestJsonBytes } from "../../../kernel/json-size.ts";
import { deepMerge } from "../../../kernel/merge-patch.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { DeviceStores, Holder } from "../devices/index.ts";
import type { AccountDependent, UserPlace, UserStores } from "../users/index.ts";
import type { UserExtraStore } from "./user-extra.store.ts";
import { imageOfExtra, noParticulars, type Particulars, type UserExtra } from "./user-extra.ts";

export interface UserExtraStores {
  readonly userExtras: UserExtraStore;
}

/** What the rules of extra records work on. */
export type UserExtraWork = UserExtraStores & DeviceStores & UserStores;

export const newExtra = (id: number, parent: UserPlace, particulars: Particulars, nowMs: number): UserExtra => ({
  id,
  nameSpaceId: parent.nameSpaceId,
  organizationId: parent.organizationId,
  parentId: parent.id,
  particulars,
  createdAtMs: nowMs,
  updatedAtMs: nowMs,
  version: 1,
});

/** Inserts records with their changes. */
export const insertExtras = async (tx: Transaction<UserExtraStores>, operation: string, extras: readonly UserExtra[]): Promise<void> => {
  await tx.userExtras.insert(extras);
  for (const extra of extras) recordChange(tx, operation, null, extra);
};

/** What becomes of a record; without `wanted` it is the same under a new version. */
export interface ExtraChange {
  readonly before: UserExtra;
  readonly wanted?: UserExtra;
}

/** Writes changed records as their next versions, with their changes. */
export const writeExtras = async (
  tx: Transaction<UserExtraStores>,
  operation: string,
  changes: readonly ExtraChange[],
): Promise<UserExtra[]> => {
  const written = changes.map(({ before, wanted = before }) => ({ ...wanted, version: before.version + 1, updatedAtMs: tx.nowMs }));
  await tx.userExtras.update(written);
  for (const [index, after] of written.entries()) recordChange(tx, operation, changes[index]!.before, after);
  return written;
};

export const deleteExtra = async (tx: Transaction<UserExtraStores>, operation: string, extra: UserExtra): Promise<void> => {
  await tx.userExtras.delete(extra);
  recordChange(tx, operation, extra, null);
};

/** Gives the records of users a new version, because the inventory devices that they show have changed. */
export const touchExtras = async (tx: Transaction<UserExtraStores>, operation: string, parents: readonly Holder[]): Promise<void> => {
  for (const [nameSpaceId, group] of Map.groupBy(parents, (parent) => parent.nameSpaceId)) {
    const ids = [...new Set(group.map((parent) => parent.id))];
    const touched = await tx.userExtras.lockByParents(nameSpaceId, ids);
    await writeExtras(
      tx,
      operation,
      touched.map((before) => ({ before })),
    );
  }
};

/** Merges into a user's preferences at every depth, in a record that is made if there is none; true when that changed anything. */
export const mergePreferences = async (
  tx: Transaction<UserExtraStores>,
  request: { operation: string; parent: UserPlace; preferences: Record<string, unknown>; freeId: number },
): Promise<boolean> => {
  const { operation, parent } = request;
  const [before] = await tx.userExtras.lockByParents(parent.nameSpaceId, [parent.id]);
  const present = before?.particulars ?? noParticulars;
  const preferences = deepMerge({ ...present.preferences }, request.preferences);
  if (jsonBytes(preferences) > largestJsonBytes) throw invalidField("preferences", `May have at most ${largestJsonBytes} bytes.`);
  const particulars = { ...present, preferences };
  if (!before) await insertExtras(tx, operation, [newExtra(request.freeId, parent, particulars, tx.nowMs)]);
  else if (JSON.stringify(before.particulars) !== JSON.stringify(particulars)) {
    await writeExtras(tx, operation, [{ before, wanted: { ...before, particulars } }]);
  } else return false;
  return true;
};

/** A deleted user's record goes, a moved user's follows. */
export const extrasOfAccounts: AccountDependent<UserExtraStores> = {
  async removed(tx, { operation, user }) {
    for (const extra of await tx.userExtras.lockByParents(user.nameSpaceId, [user.id])) await deleteExtra(tx, operation, extra);
  },
  async moved(tx, operation, moves) {
    const organizations = new Map(moves.map(({ after }) => [after.id, after.organizationId]));
    for (const [nameSpaceId, group] of Map.groupBy(moves, ({ after }) => after.nameSpaceId)) {
      const parentIds = group.map(({ after }) => after.id);
      const records = await tx.userExtras.lockByParents(nameSpaceId, parentIds);
      await writeExtras(
        tx,
        operation,
        records.map((before) => ({ before, wanted: { ...before, organizationId: organizations.get(before.parentId)! } })),
      );
    }
  },
};

const recordChange = (tx: Transaction<unknown>, operation: string, before: UserExtra | null, after: UserExtra | null): void => {
  const extra = (after ?? before)!;
  tx.record({
    operation,
    resource: "user_extra",
    resourceId: extra.id,
    nameSpaceId: extra.nameSpaceId,
    organizationId: extra.organizationId,
    before: before && imageOfExtra(before),
    after: after && imageOfExtra(after, before),
  });
};
