import { macKey, macSpellingsOf } from "../../../aaa/words/attributes.ts";
import type { Faults } from "../../../kernel/errors.ts";
import { jsonBytes, largestJsonBytes } from "../../../kernel/json-size.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { type OrganizationTree, readOrganizationReference } from "../../foundation/organizations/index.ts";
import type { AaaProfileStore, ProfileReference } from "../aaa-profiles/index.ts";
import { type AccountDraft, clearPasswordLength } from "./account-draft.ts";
import type { ExternalIdPlace, UserRecord, UserStore } from "./user.store.ts";
import { type User, usernameKey } from "./user.ts";

/** A draft beside the account that it changes, or beside a blank one. */
export interface PlannedDraft extends AccountDraft {
  readonly before: User;
  readonly isNew: boolean;
}

interface RuleDependencies {
  readonly stores: { readonly users: UserStore; readonly aaaProfiles: AaaProfileStore };
  readonly tree: OrganizationTree;
  readonly scope: TenantScope;
}

/**
 * Applies drafts to their accounts and checks everything that other rows decide: organization, username, external id
 * and profile names. Collects the faults of all drafts; the records are complete only when there are none.
 */
export const settleDrafts = async (deps: RuleDependencies, drafts: readonly PlannedDraft[], faults: Faults): Promise<UserRecord[]> => {
  const users = drafts.map((draft) => applyDraft(deps, draft, faults));
  await checkUnique(drafts, users, faults, {
    field: "username",
    sentence: "This username is taken.",
    // A draft may come without a name only to be judged.
    keyOf: (user) => meaningOf(user.username) || null,
    changed: (draft, user) => draft.isNew || meaningOf(draft.before.username) !== meaningOf(user.username),
    async taken(nameSpaceId, wanting) {
      const meanings = wanting.map(({ username }) => meaningOf(username));
      const keys = meanings.flatMap((meaning) => (macKey(meaning) === undefined ? [meaning] : macSpellingsOf(meaning)));
      const holders = await deps.stores.users.takenUsernames(nameSpaceId, keys);
      return new Map([...holders].map(([key, id]) => [meaningOf(key), id]));
    },
  });
  await checkUnique(drafts, users, faults, {
    field: "external_id",
    sentence: "Another account of the organization has this external id.",
    keyOf: ({ organizationId, externalId }) => (externalId === null ? null : externalIdKey({ organizationId, externalId })),
    changed: (draft, user) => draft.before.externalId !== user.externalId || draft.before.organizationId !== user.organizationId,
    async taken(nameSpaceId, wanting) {
      const places = wanting.map(({ organizationId, externalId }) => ({ organizationId, externalId: externalId! }));
      const holders = await deps.stores.users.takenExternalIds(nameSpaceId, places);
      return new Map(holders.map((holder) => [externalIdKey(holder), holder.id]));
    },
  });
  const profiles = await resolveProfiles(deps, drafts, users, faults);
  return users.map((user, index) => ({ user, profiles: profiles[index]! }));
};

/**
 * What a name means where it is typed: a hardware address is one in all its spellings, for equipment spells it as it likes.
 * Another spelling would else be another account's way to be asked for in its place.
 */
const meaningOf = (username: string): string => macKey(username) ?? usernameKey(username);

/** An external id is unique within its organization. */
const externalIdKey = ({ organizationId, externalId }: ExternalIdPlace): string => `${organizationId}/${externalId}`;

const applyDraft = (deps: RuleDependencies, draft: PlannedDraft, faults: Faults): User => {
  const { fields, before, prefix } = draft;
  const place = placeOf(deps, draft, faults);
  checkPasswordLength(deps.tree, draft, place.organizationId, faults);
  const aaaProfile = fields.aaaProfile ? fields.aaaProfile(before.aaaProfile) : before.aaaProfile;
  if (fields.aaaProfile && jsonBytes(aaaProfile) > largestJsonBytes) {
    faults.add(`${prefix}aaa_profile`, `May have at most ${largestJsonBytes} bytes.`);
  }
  return {
    ...before,
    ...place,
    username: fields.username ?? before.username,
    passwordHash: or(draft.passwordHash, before.passwordHash),
    email: or(fields.email, before.email),
    firstName: or(fields.firstName, before.firstName),
    lastName: or(fields.lastName, before.lastName),
    externalId: or(fields.externalId, before.externalId),
    klass: or(fields.klass, before.klass),
    description: or(fields.description, before.description),
    avatarUrl: or(fields.avatarUrl, before.avatarUrl),
    isActive: fields.isActive ?? before.isActive,
    expirationMs: or(fields.expirationMs, before.expirationMs),
    groups: fields.groups ? [...new Set(fields.groups)] : before.groups,
    aaaProfile,
    profileNames: fields.profileNames ? [...new Set(fields.profileNames)] : before.profileNames,
    seconds: or(fields.userTime, before.seconds),
  };
};

/** A password that is set in clear is as long as the organization asks in which the account is to be. */
const checkPasswordLength = (tree: OrganizationTree, { fields, prefix }: PlannedDraft, organizationId: number, faults: Faults): void => {
  const least = tree.minPasswordLength(organizationId);
  // Where the organization is faulty, nobody knows which one asks.
  if (`${prefix}organization` in faults.fields) return;
  if ((clearPasswordLength(fields) ?? least) < least) {
    faults.add(`${prefix}password`, `Must have at least ${least} characters in this organization.`);
  }
};

const or = <T>(wanted: T | undefined, present: T): T => (wanted === undefined ? present : wanted);

/** Where the account is to belong. An account never leaves its name space, for that is part of its key. */
export const placeOf = (deps: Omit<RuleDependencies, "stores">, draft: PlannedDraft, faults: Faults) => {
  const { before, fields, prefix, isNew } = draft;
  const present = { organizationId: before.organizationId, nameSpaceId: before.nameSpaceId };
  if (fields.organization === undefined && !isNew) return present;
  // What GET showed can be sent back, whatever else has the same slug.
  if (!isNew && fields.organization === deps.tree.find(before.organizationId)?.slug) return present;
  const field = `${prefix}organization`;
  const node = readOrganizationReference(deps.tree, deps.scope, fields.organization ?? deps.scope.organizationId, faults, field);
  if (node && !isNew && node.nameSpaceId !== before.nameSpaceId) {
    faults.add(field, "An account cannot move to an organization with another name space.");
  } else if (node) return { organizationId: node.id, nameSpaceId: node.nameSpaceId };
  return isNew ? { organizationId: deps.scope.organizationId, nameSpaceId: deps.scope.nameSpaceId } : present;
};

interface UniqueRule {
  readonly field: string;
  readonly sentence: string;
  readonly keyOf: (user: User) => string | null;
  readonly changed: (draft: PlannedDraft, user: User) => boolean;
  /** Whose the keys of these accounts of a name space are already. */
  readonly taken: (nameSpaceId: number, wanting: readonly User[]) => Promise<Map<string, number>>;
}

/** One question to the database for each name space, however many drafts there are; drafts are unique among themselves, too. */
const checkUnique = async (drafts: readonly PlannedDraft[], users: readonly User[], faults: Faults, rule: UniqueRule): Promise<void> => {
  const asking = users.map((user, index) => ({ user, draft: drafts[index]!, key: rule.keyOf(user) }));
  const wanting = asking.filter((entry) => entry.key !== null && rule.changed(entry.draft, entry.user));
  for (const [nameSpaceId, entries] of Map.groupBy(wanting, (entry) => entry.user.nameSpaceId)) {
    const taken = await rule.taken(
      nameSpaceId,
      entries.map(({ user }) => user),
    );
    const wanted = new Set<string>();
    for (const { user, draft, key } of entries) {
      const holder = taken.get(key!);
      if (wanted.has(key!) || (holder !== undefined && holder !== user.id)) faults.add(`${draft.prefix}${rule.field}`, rule.sentence);
      wanted.add(key!);
    }
  }
};

const resolveProfiles = async (
  deps: RuleDependencies,
  drafts: readonly PlannedDraft[],
  users: readonly User[],
  faults: Faults,
): Promise<ProfileReference[][]> => {
  const names = new Map<number, Set<string>>();
  const isTouched = (user: User, index: number) =>
    drafts[index]!.before.profileNames !== user.profileNames || drafts[index]!.before.organizationId !== user.organizationId;
  for (const user of users.filter(isTouched)) {
    const wanted = names.get(user.organizationId) ?? new Set();
    for (const name of user.profileNames) wanted.add(name);
    names.set(user.organizationId, wanted);
  }
  const found = await deps.stores.aaaProfiles.resolveNames(deps.tree, names);
  return users.map((user, index) => {
    const { prefix } = drafts[index]!;
    if (!isTouched(user, index)) return [];
    const references: ProfileReference[] = [];
    for (const name of user.profileNames) {
      const reference = found.get(user.organizationId)?.get(name);
      if (reference) references.push(reference);
      else faults.add(`${prefix}profile`, `There is no AAA profile ${JSON.stringify(name)} in the organization or above it.`);
    }
    return references;
  });
};
