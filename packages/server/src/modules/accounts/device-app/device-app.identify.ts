import { DomainError } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { DeviceStores, IdentifierKind } from "../devices/index.ts";
import { type User, type UserStores, usernameKey } from "../users/index.ts";
import type { AppUpdate } from "./device-app.view.ts";

/** The keys that tell a user apart; `device` stands for all device identifiers. */
export type FoundBy = "user_id" | "username" | "user_external_id" | "device";

export interface Identified {
  readonly userId: number;
  readonly foundBy: FoundBy;
}

/** In this order the owner of a device is looked for: what sits in a SIM names a subscriber better than what is dialled. */
const deviceOrder: readonly IdentifierKind[] = ["imsi", "iccid", "imei", "number", "generic_id"];

/** Whom a username means to a token, as it was read before the unit. */
export type NamedAccount = { readonly id: number; readonly username: string } | "ambiguous" | undefined;

/** Looks a username up as a login with the token does: by login rules, or in its own name space first. */
export type AccountNamed = (scope: TenantScope, username: string) => Promise<NamedAccount>;

/**
 * Finds the user that a request means: by `user_id`, `username` or `user_external_id`, the first of those that are given
 * and exist, else by the owner of a device, in the token's own name space first. Throws user.ambiguous when the keys name
 * different users, user.not_found for nobody. What an organization below calls its users makes nothing else ambiguous.
 */
export const identify = async (
  { users, devices, caller: { scope } }: Transaction<UserStores & DeviceStores>,
  update: AppUpdate,
  named: NamedAccount,
): Promise<Identified> => {
  const byId = update.userId === undefined ? undefined : await users.find(Number(update.userId));
  // An id is never set by this request, so one that names nobody is a mistake that no other key mends.
  if (update.userId !== undefined && !byId) throw nobody();
  const byName = byId ? undefined : await stillNamed(users, named);
  const first = byId ?? byName;
  const foundBy: FoundBy = byId ? "user_id" : "username";

  /** Whoever else has a key where it would be the found user's, or where the token means it first. */
  const refuseOthers = async (field: FoundBy, holders: (nameSpaceId: number) => Promise<readonly User[]>): Promise<void> => {
    for (const nameSpaceId of new Set([first!.nameSpaceId, scope.nameSpaceId])) {
      const other = (await holders(nameSpaceId)).find((user) => user.id !== first!.id);
      if (other) throw ambiguous(`${foundBy} and ${field} name two different users.`);
    }
  };
  const { username, externalId } = update;
  if (byId && username !== undefined) await refuseOthers("username", (place) => users.findByUsername(username, undefined, place));
  if (first && externalId) await refuseOthers("user_external_id", (place) => users.findByExternalId(externalId, place));
  if (first) return { userId: first.id, foundBy };
  if (externalId) {
    const found = await users.findByExternalId(externalId);
    if (found.length > 1) throw ambiguous("Several users in sight have this user_external_id. Name the user by user_id.");
    if (found[0]) return { userId: found[0].id, foundBy: "user_external_id" };
  }
  for (const kind of deviceOrder) {
    const identifier = update.identifiers[kind];
    if (identifier === undefined) continue;
    const own = await devices.findHeld({ kind, identifier }, scope.nameSpaceId);
    const held = own.length > 0 ? own : await devices.findHeld({ kind, identifier });
    if (held.length > 1) throw ambiguous(`Several users in sight have this ${kind}. Name the user by user_id.`);
    if (held[0]) return { userId: held[0].userId!, foundBy: "device" };
  }
  throw nobody();
};

/** Whom a name meant, if it is that user's name still. */
const stillNamed = async (users: UserStores["users"], named: NamedAccount): Promise<User | undefined> => {
  if (named === "ambiguous") throw ambiguous("Several users in sight have this username. Name the user by user_id.");
  const user = named && (await users.find(named.id));
  return user && usernameKey(user.username) === usernameKey(named.username) ? user : undefined;
};

const ambiguous = (detail: string): DomainError => new DomainError("user.ambiguous", detail);

export const nobody = (): DomainError => new DomainError("user.not_found", "None of the given keys and device identifiers names a user.");
