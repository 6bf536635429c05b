import { DomainError } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { DeviceStores, IdentifierKind } from "../devices/index.ts";
import { type User, type UserStores, usernameKey } from "../users/index.ts";
import type { AppUpdate } from "./device-app.rules.ts";

/** The key that identified a user; `device` means any device identifier. */
export type FoundBy = "user_id" | "username" | "user_external_id" | "device";

export interface Identified {
  readonly userId: number;
  readonly foundBy: FoundBy;
}

/** The order in which devices are looked up: what a SIM holds identifies a subscriber better than a number that people dial. */
const deviceOrder: readonly IdentifierKind[] = ["imsi", "iccid", "imei", "number", "generic_id"];

/** The account that a username means to a token, as it was read before the unit. */
export type NamedAccount = { readonly id: number; readonly username: string } | "ambiguous" | undefined;

/** Looks a username up as a login with the token does: by login rules, or in the token's own namespace first. */
export type FindNamed = (scope: TenantScope, username: string) => Promise<NamedAccount>;

/**
 * Finds the user that a request means: by the first of `user_id`, `username` and `user_external_id` that exists, else by the owner of a
 * device, in the token's own namespace first. Throws user.ambiguous when the keys name different users, and user.not_found for nobody.
 * Names that organizations below give to their users make nothing above ambiguous.
 */
export const identify = async (
  { users, devices, caller: { scope } }: Transaction<UserStores & DeviceStores>,
  update: AppUpdate,
  named: NamedAccount,
): Promise<Identified> => {
  const byId = update.userId === undefined ? undefined : await users.find(Number(update.userId));
  // This request never sets an id, so an unknown id is a mistake, whatever other keys name.
  if (update.userId !== undefined && !byId) throw nobody();
  const byName = byId ? undefined : await stillNamed(users, named);
  const first = byId ?? byName;
  const foundBy: FoundBy = byId ? "user_id" : "username";

  /** Refuses a key that another user has, in the user's namespace or in the token's. */
  const refuseOthers = async (field: FoundBy, holders: (namespaceId: number) => Promise<readonly User[]>): Promise<void> => {
    for (const namespaceId of new Set([first!.namespaceId, scope.namespaceId])) {
      const other = (await holders(namespaceId)).find((user) => user.id !== first!.id);
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
    const own = await devices.findHeld({ kind, identifier }, scope.namespaceId);
    const held = own.length > 0 ? own : await devices.findHeld({ kind, identifier });
    if (held.length > 1) throw ambiguous(`Several users in sight have this ${kind}. Name the user by user_id.`);
    if (held[0]) return { userId: held[0].userId!, foundBy: "device" };
  }
  throw nobody();
};

/** The account that a name meant, unless it has been renamed since. */
const stillNamed = async (users: UserStores["users"], named: NamedAccount): Promise<User | undefined> => {
  if (named === "ambiguous") throw ambiguous("Several users in sight have this username. Name the user by user_id.");
  const user = named && (await users.find(named.id));
  return user && usernameKey(user.username) === usernameKey(named.username) ? user : undefined;
};

const ambiguous = (detail: string): DomainError => new DomainError("user.ambiguous", detail);

export const nobody = (): DomainError => new DomainError("user.not_found", "None of the given keys and device identifiers names a user.");
