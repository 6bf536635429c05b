import { DomainError } from "../../../kernel/errors.ts";
import type { DeviceStores, IdentifierKind } from "../devices/index.ts";
import type { User, UserStores } from "../users/index.ts";
import type { AppUpdate } from "./device-app.view.ts";

/** The keys that tell a user apart; `device` stands for all device identifiers. */
export type FoundBy = "user_id" | "username" | "user_external_id" | "device";

export interface Identified {
  readonly userId: number;
  readonly foundBy: FoundBy;
}

/** In this order the owner of a device is looked for: what sits in a SIM names a subscriber better than what is dialled. */
const deviceOrder: readonly IdentifierKind[] = ["imsi", "iccid", "imei", "number", "generic_id"];

/**
 * Finds the user that a request means: by `user_id`, `username` or `user_external_id`, the first of those that are given
 * and exist, else by the owner of a device. Throws user.ambiguous when they name different users, user.not_found for nobody.
 */
export const identify = async (stores: UserStores & DeviceStores, update: AppUpdate): Promise<Identified> => {
  const named: Identified[] = [];
  const note = (found: readonly User[], foundBy: FoundBy, field: string) => {
    if (found.length > 1) throw ambiguous(`Several users in sight have this ${field}. Name the user by user_id.`);
    if (found[0]) named.push({ userId: found[0].id, foundBy });
  };
  if (update.userId !== undefined) {
    const user = await stores.users.find(Number(update.userId));
    // An id is never set by this request, so one that names nobody is a mistake that no other key mends.
    if (!user) throw nobody();
    note([user], "user_id", "user_id");
  }
  if (update.username !== undefined) note(await stores.users.findByUsername(update.username), "username", "username");
  if (update.externalId) note(await stores.users.findByExternalId(update.externalId), "user_external_id", "user_external_id");
  const first = named[0];
  const other = named.find((one) => one.userId !== first?.userId);
  if (first && other) throw ambiguous(`${first.foundBy} and ${other.foundBy} name two different users.`);
  if (first) return first;
  for (const kind of deviceOrder) {
    const identifier = update.identifiers[kind];
    if (identifier === undefined) continue;
    const held = await stores.devices.findHeld({ kind, identifier });
    if (held.length > 1) throw ambiguous(`Several users in sight have this ${kind}. Name the user by user_id.`);
    if (held[0]) return { userId: held[0].userId!, foundBy: "device" };
  }
  throw nobody();
};

const ambiguous = (detail: string): DomainError => new DomainError("user.ambiguous", detail);

export const nobody = (): DomainError => new DomainError("user.not_found", "None of the given keys and device identifiers names a user.");
