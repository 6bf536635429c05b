import { recordChange } from "../../../kernel/change.ts";
import { invalidField } from "../../../kernel/errors.ts";
import { jsonBytes, maxJsonBytes } from "../../../kernel/json-size.ts";
import { deepMerge } from "../../../kernel/merge-patch.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { DeviceStores, Holder } from "../devices/index.ts";
import type { AccountHooks, UserPlace, UserStores } from "../users/index.ts";
import type { UserExtraStore } from "./user-extra.store.ts";
import { imageOfExtra, noParticulars, type Particulars, type UserExtra } from "./user-extra.ts";

export interface UserExtraStores {
  readonly userExtras: UserExtraStore;
}

/** What the rules of extra records work on. */
export type UserExtraWork = UserExtraStores & DeviceStores & UserStores;

export const newExtra = (id: number, parent: UserPlace, particulars: Particulars, nowMs: number): UserExtra => ({
  id,
  namespaceId: parent.namespaceId,
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
  for (const extra of extras) {
    recordChange(tx, { operation, resource: "user_extra", record: extra, before: null, after: imageOfExtra(extra) });
  }
};

/** A change of a record; without `wanted` only its version changes. */
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
  for (const [index, after] of written.entries()) {
    const { before } = changes[index]!;
    recordChange(tx, {
      operation,
      resource: "user_extra",
      record: after,
      before: imageOfExtra(before),
      after: imageOfExtra(after, before),
    });
  }
  return written;
};

export const deleteExtra = async (tx: Transaction<UserExtraStores>, operation: string, extra: UserExtra): Promise<void> => {
  await tx.userExtras.delete(extra);
  recordChange(tx, { operation, resource: "user_extra", record: extra, before: imageOfExtra(extra), after: null });
};

/** Raises the versions of users' records: the inventory devices that they show have changed. */
export const touchExtras = async (tx: Transaction<UserExtraStores>, operation: string, parents: readonly Holder[]): Promise<void> => {
  for (const [namespaceId, group] of Map.groupBy(parents, (parent) => parent.namespaceId)) {
    const ids = [...new Set(group.map((parent) => parent.id))];
    const touched = await tx.userExtras.lockByParents(namespaceId, ids);
    await writeExtras(
      tx,
      operation,
      touched.map((before) => ({ before })),
    );
  }
};

/** Merges into a user's preferences at every depth, and creates the record if there is none. Returns whether anything changed. */
export const mergePreferences = async (
  tx: Transaction<UserExtraStores>,
  request: { operation: string; parent: UserPlace; preferences: Record<string, unknown>; freeId: number },
): Promise<boolean> => {
  const { operation, parent } = request;
  const [before] = await tx.userExtras.lockByParents(parent.namespaceId, [parent.id]);
  const present = before?.particulars ?? noParticulars;
  const preferences = deepMerge({ ...present.preferences }, request.preferences);
  if (jsonBytes(preferences) > maxJsonBytes) throw invalidField("preferences", `May have at most ${maxJsonBytes} bytes.`);
  const particulars = { ...present, preferences };
  if (!before) await insertExtras(tx, operation, [newExtra(request.freeId, parent, particulars, tx.nowMs)]);
  else if (JSON.stringify(before.particulars) !== JSON.stringify(particulars)) {
    await writeExtras(tx, operation, [{ before, wanted: { ...before, particulars } }]);
  } else return false;
  return true;
};

/** Deletes the record of a deleted user, and moves that of a moved one. */
export const extrasOfAccounts: AccountHooks<UserExtraStores> = {
  async onDelete(tx, { operation, user }) {
    for (const extra of await tx.userExtras.lockByParents(user.namespaceId, [user.id])) await deleteExtra(tx, operation, extra);
  },
  async onMove(tx, operation, moves) {
    const organizations = new Map(moves.map(({ after }) => [after.id, after.organizationId]));
    for (const [namespaceId, group] of Map.groupBy(moves, ({ after }) => after.namespaceId)) {
      const parentIds = group.map(({ after }) => after.id);
      const records = await tx.userExtras.lockByParents(namespaceId, parentIds);
      await writeExtras(
        tx,
        operation,
        records.map((before) => ({ before, wanted: { ...before, organizationId: organizations.get(before.parentId)! } })),
      );
    }
  },
};
