import { macKey, macSpellingsOf } from "../../../aaa/words/attributes.ts";
import { DomainError, Faults } from "../../../kernel/errors.ts";
import { jsonBytes, maxJsonBytes } from "../../../kernel/json-size.ts";
import { type Precondition, requireVersion } from "../../../kernel/precondition.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { type OrganizationTree, readOrganizationReference } from "../../foundation/organizations/index.ts";
import type { AaaProfileStore, ProfileReference } from "../aaa-profiles/index.ts";
import { classifyPassword } from "../passwords/index.ts";
import { type AccountDraft, type AccountFields, blankUser } from "./account-draft.ts";
import type { ExternalIdPlace, UserStore } from "./user.store.ts";
import { type User, usernameKey } from "./user.ts";
import type { UserRecord } from "./user-links.store.ts";

/** A draft beside the account that it changes, or beside a blank one. */
export interface PlannedDraft extends AccountDraft {
  readonly before: User;
  readonly isNew: boolean;
}

/** What the rules of drafts read. */
export interface DraftContext {
  readonly stores: { readonly users: UserStore; readonly aaaProfiles: AaaProfileStore };
  readonly tree: OrganizationTree;
  readonly scope: TenantScope;
}

/**
 * Checks what needs no database: the form of password hashes and the size of JSON. Returns the number of characters of the shortest
 * password in clear; undefined where there is none.
 */
export const checkDrafts = (drafts: readonly AccountDraft[], faults: Faults): number | undefined => {
  let minLength: number | undefined;
  for (const { prefix, fields } of drafts) {
    if (fields.password === "") faults.add(`${prefix}password`, "May not be empty.");
    else if (typeof fields.password === "string") {
      const classified = classifyPassword(fields.password, fields.passwordScheme);
      if (classified.kind === "broken") faults.add(`${prefix}password`, classified.sentence);
      if (classified.kind === "clear") minLength = Math.min(minLength ?? Number.POSITIVE_INFINITY, [...fields.password].length);
    } else if (fields.passwordScheme !== undefined) {
      faults.add(`${prefix}password_scheme`, "Says what the password is, and there is none.");
    }
    if (fields.aaaProfile) checkJsonSize(fields.aaaProfile({}), prefix, faults);
  }
  return minLength;
};

const checkJsonSize = (aaaProfile: object, prefix: string, faults: Faults): void => {
  if (jsonBytes(aaaProfile) > maxJsonBytes) faults.add(`${prefix}aaa_profile`, `May have at most ${maxJsonBytes} bytes.`);
};

/** An account to write, with what it was before and the fields of its draft. */
export interface AccountChange extends UserRecord {
  readonly before: User;
  readonly fields: AccountFields;
}

/** A draft with the account that it makes. */
interface Applied {
  readonly draft: PlannedDraft;
  readonly user: User;
}

/**
 * Applies drafts to their accounts and checks everything that other records decide: organization, username, external id and profile
 * names. Collects the faults of all drafts; the result is complete only when there are none.
 */
export const applyDrafts = async (context: DraftContext, drafts: readonly PlannedDraft[], faults: Faults): Promise<AccountChange[]> => {
  const applied = drafts.map((draft): Applied => ({ draft, user: applyDraft(context, draft, faults) }));
  await checkUsernames(context, applied, faults);
  await checkExternalIds(context, applied, faults);
  const profiles = await resolveProfiles(context, applied, faults);
  return applied.map(({ draft: { before, fields }, user }) => ({ before, fields, user, profiles: profiles.get(user) ?? [] }));
};

/** The same for drafts that change the accounts beside them. Throws naming every fault, or else the first account that is missing, or else
 * the first version that a precondition excludes.
 */
export const applyChanges = async (
  context: DraftContext,
  drafts: readonly (AccountDraft & { readonly precondition?: Precondition })[],
  accounts: readonly (User | undefined)[],
): Promise<AccountChange[]> => {
  const faults = new Faults();
  const planned: PlannedDraft[] = [];
  const seen = new Set<number>();
  for (const [index, draft] of drafts.entries()) {
    const before = accounts[index];
    // A missing account is refused after the faults that can be found without it.
    if (!before) placeOf(context, { ...draft, before: blankUser(0, 0), isNew: true }, faults);
    else planned.push({ ...draft, before, isNew: false });
    if (before && seen.has(before.id)) faults.add(`${draft.prefix}id`, "This account stands twice in the array.");
    if (before) seen.add(before.id);
  }
  const changes = await applyDrafts(context, planned, faults);
  faults.throwIfAny();
  const missing = accounts.indexOf(undefined);
  if (missing !== -1) {
    const where = drafts[missing]!.prefix === "" ? "" : ` Row ${missing} names none.`;
    throw new DomainError("user.not_found", `There is no such user.${where}`);
  }
  for (const [index, { precondition }] of drafts.entries()) {
    const { id, version } = accounts[index]!;
    if (precondition) requireVersion(precondition, String(id), version);
  }
  return changes;
};

const applyDraft = (context: DraftContext, draft: PlannedDraft, faults: Faults): User => {
  const { fields, before, prefix } = draft;
  const place = placeOf(context, draft, faults);
  checkPasswordLength(context.tree, draft, place.organizationId, faults);
  const aaaProfile = fields.aaaProfile ? fields.aaaProfile(before.aaaProfile) : before.aaaProfile;
  if (fields.aaaProfile) checkJsonSize(aaaProfile, prefix, faults);
  return {
    ...before,
    ...place,
    username: fields.username ?? before.username,
    passwordHash: fields.password === null ? null : (draft.passwordHash ?? before.passwordHash),
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

const or = <T>(wanted: T | undefined, present: T): T => (wanted === undefined ? present : wanted);

/** A password that is set in clear has the length that its organization demands. */
const checkPasswordLength = (tree: OrganizationTree, { fields, prefix }: PlannedDraft, organizationId: number, faults: Faults): void => {
  const { password, passwordScheme } = fields;
  if (!password || classifyPassword(password, passwordScheme).kind !== "clear") return;
  // A faulty organization demands nothing that is known.
  if (`${prefix}organization` in faults.fields) return;
  const minLength = tree.minPasswordLength(organizationId);
  if ([...password].length < minLength) faults.add(`${prefix}password`, `Must have at least ${minLength} characters in this organization.`);
};

/** Where the account is to belong. An account never leaves its namespace, which is part of its key. */
export const placeOf = (context: Omit<DraftContext, "stores">, draft: PlannedDraft, faults: Faults) => {
  const { tree, scope } = context;
  const { before, fields, prefix, isNew } = draft;
  const present = { organizationId: before.organizationId, namespaceId: before.namespaceId };
  if (fields.organization === undefined && !isNew) return present;
  // What GET showed can be sent back, whatever else has the same slug.
  if (!isNew && fields.organization === tree.find(before.organizationId)?.slug) return present;
  const field = `${prefix}organization`;
  const node = readOrganizationReference(tree, scope, fields.organization ?? scope.organizationId, faults, field);
  if (node && !isNew && node.namespaceId !== before.namespaceId) {
    faults.add(field, "An account cannot move to an organization with another namespace.");
  } else if (node) return { organizationId: node.id, namespaceId: node.namespaceId };
  return isNew ? { organizationId: scope.organizationId, namespaceId: scope.namespaceId } : present;
};

/** A username is unique in its namespace. */
const checkUsernames = async ({ stores }: DraftContext, applied: readonly Applied[], faults: Faults): Promise<void> => {
  const claims = applied.flatMap(({ draft, user }): Claim[] => {
    if (!draft.isNew && draft.before.username === user.username) return [];
    const key = meaningOf(user.username);
    // A draft without a name comes here only to be checked.
    return key === "" || (!draft.isNew && meaningOf(draft.before.username) === key) ? [] : [{ key, user, prefix: draft.prefix }];
  });
  await checkUnique(claims, faults, {
    field: "username",
    sentence: "This username is taken.",
    async findHolders(namespaceId, claimed) {
      const keys = claimed.flatMap(({ key }) => (macKey(key) === undefined ? [key] : macSpellingsOf(key)));
      const holders = await stores.users.takenUsernames(namespaceId, keys);
      return new Map([...holders].map(([key, id]) => [meaningOf(key), id]));
    },
  });
};

/** An external id is unique in its organization. */
const checkExternalIds = async ({ stores }: DraftContext, applied: readonly Applied[], faults: Faults): Promise<void> => {
  const claims = applied.flatMap(({ draft, user }): Claim[] => {
    const { organizationId, externalId } = user;
    if (externalId === null || (draft.before.externalId === externalId && draft.before.organizationId === organizationId)) return [];
    return [{ key: externalIdKey({ organizationId, externalId }), user, prefix: draft.prefix }];
  });
  await checkUnique(claims, faults, {
    field: "external_id",
    sentence: "Another account of the organization has this external id.",
    async findHolders(namespaceId, claimed) {
      const places = claimed.map(({ user: { organizationId, externalId } }) => ({ organizationId, externalId: externalId! }));
      const holders = await stores.users.takenExternalIds(namespaceId, places);
      return new Map(holders.map((holder) => [externalIdKey(holder), holder.id]));
    },
  });
};

/**
 * The form in which usernames are compared. All spellings of a hardware address are one name, because equipment chooses the spelling:
 * another spelling as another account's name would let that account be asked for in place of this one.
 */
const meaningOf = (username: string): string => macKey(username) ?? usernameKey(username);

const externalIdKey = ({ organizationId, externalId }: ExternalIdPlace): string => `${organizationId}/${externalId}`;

/** A new value of an account that no other account of the namespace may have. */
interface Claim {
  readonly key: string;
  readonly user: User;
  readonly prefix: string;
}

interface UniqueRule {
  readonly field: string;
  readonly sentence: string;
  /** The accounts of a namespace that have the claimed values already, by key. */
  readonly findHolders: (namespaceId: number, claimed: readonly Claim[]) => Promise<Map<string, number>>;
}

/** Asks the database once for each namespace, however many drafts there are. The drafts are unique among themselves, too. */
const checkUnique = async (claims: readonly Claim[], faults: Faults, rule: UniqueRule): Promise<void> => {
  for (const [namespaceId, claimed] of Map.groupBy(claims, (claim) => claim.user.namespaceId)) {
    const holders = await rule.findHolders(namespaceId, claimed);
    const earlier = new Set<string>();
    for (const { key, user, prefix } of claimed) {
      const holder = holders.get(key);
      if (earlier.has(key) || (holder !== undefined && holder !== user.id)) faults.add(`${prefix}${rule.field}`, rule.sentence);
      earlier.add(key);
    }
  }
};

/** The profiles that the accounts' short names mean, where the names or the organization change. */
const resolveProfiles = async (
  { stores, tree }: DraftContext,
  applied: readonly Applied[],
  faults: Faults,
): Promise<ReadonlyMap<User, ProfileReference[]>> => {
  const touched = applied.filter(
    ({ draft: { before }, user }) => before.profileNames !== user.profileNames || before.organizationId !== user.organizationId,
  );
  if (touched.length === 0) return new Map();
  const names = new Map<number, Set<string>>();
  for (const { user } of touched) {
    const wanted = names.get(user.organizationId) ?? new Set();
    for (const name of user.profileNames) wanted.add(name);
    names.set(user.organizationId, wanted);
  }
  const known = await stores.aaaProfiles.resolveNames(tree, names);
  const profiles = new Map<User, ProfileReference[]>();
  for (const { draft, user } of touched) {
    const references: ProfileReference[] = [];
    for (const name of user.profileNames) {
      const reference = known.get(user.organizationId)?.get(name);
      if (reference) references.push(reference);
      else faults.add(`${draft.prefix}profile`, `There is no AAA profile ${JSON.stringify(name)} in the organization or above it.`);
    }
    profiles.set(user, references);
  }
  return profiles;
};
