import type { Credential } from "../../../aaa/words/access-request.ts";
import { type AttributeValues, isStorable, macKey, macSpellingsOf } from "../../../aaa/words/attributes.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { usernameKey } from "../../accounts/users/index.ts";
import { type LoginRule, type OrganizationDirectory, type OrganizationTree, ruleOfRealm } from "../../foundation/organizations/index.ts";
import type { AccessFactsStore, AccountFacts } from "./access-facts.store.ts";
import type { ProfileBook } from "./profile-book.ts";

/** Who asks for access, and where: an Access-Request, an app's login or a simulation. */
export interface AccessQuestion {
  /** The organization whose accounts are meant, with those below it. */
  readonly organizationId: number;
  /** The AAA client; 0 for none. */
  readonly clientId: number;
  readonly userName: string;
  /** `assumed`: the credential is taken as right. */
  readonly credential: Credential | "assumed";
  /** Undefined where no network equipment asks. */
  readonly attributes: AttributeValues | undefined;
  /** The device; for one that does not say which it is, a name that no other request has. */
  readonly station: string;
  /** Who pays for slow work inside the organization: the client or token, and there the device or request. */
  readonly payer: readonly [client: string, device: string];
  /** From where passwords are tried: the client, or the token and the address that it calls from. */
  readonly place: string;
  /** The device there; empty where it is not said. */
  readonly device: string;
  /** Whether somebody still waits for the answer; asked before anything slow. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Frees the place in the queue of quick work; called before anything slow. */
  readonly stepAside?: (() => void) | undefined;
}

/** A question with the account that it means. */
export interface FoundAccount {
  readonly question: AccessQuestion;
  readonly tree: OrganizationTree;
  readonly scope: TenantScope;
  readonly account: Lookup;
  /** The edition of the profile book before the account was read: what it held then is not newer than the account. */
  readonly profileEdition: number;
}

export interface FindAccountDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore }>;
  readonly directory: OrganizationDirectory;
  readonly profiles: Pick<ProfileBook, "edition">;
}

export type FindAccount = ReturnType<typeof createFindAccount>;

/** First stage of an access request: finds the account that the name means. */
export const createFindAccount =
  ({ work, directory, profiles }: FindAccountDependencies) =>
  async (question: AccessQuestion): Promise<FoundAccount> => {
    const { organizationId, userName } = question;
    const inMemory = directory.inMemory();
    const tree = inMemory?.find(organizationId) ? inMemory : await directory.covering([organizationId]);
    const scope = tree.scopeOf(organizationId);
    const profileEdition = profiles.edition();
    const account = await lookUpAccount({ work, tree, scope }, userName);
    return { question, tree, scope, account, profileEdition };
  };

/** Where a name is looked for. */
export interface LookupPlace {
  readonly work: Work<{ accessFacts: AccessFactsStore }>;
  readonly tree: OrganizationTree;
  /** What the client serves: its organization and those below. */
  readonly scope: TenantScope;
}

/**
 * The account that a name means. `unknown_realm`: there are login rules, and none for its realm. `ambiguous`: without rules,
 * accounts of several namespaces below have it.
 */
export type Lookup = AccountFacts | "unknown_realm" | "unknown" | "ambiguous";

/** How names are read. */
export interface LookupManner {
  /** Whether a realm that means nothing is a part of the name, as it is where an account is named and nobody logs in. */
  readonly keepsRealm?: boolean;
}

/**
 * Finds the account that a User-Name means at equipment of an organization: by its login rules where it has any. Without them
 * its own namespace comes first, then the organization directly below that the realm names by its slug, then the only match
 * in namespaces below. A name is looked for whole, then without its realm; a hardware address in all its spellings.
 */
export const lookUpAccount = async (place: LookupPlace, userName: string, manner: LookupManner = {}): Promise<Lookup> => {
  if (!isStorable(userName) || userName === "") return "unknown";
  const rules = place.tree.find(place.scope.organizationId)?.loginRules ?? [];
  return rules.length > 0 ? lookUpByRules(place, rules, userName) : lookUpWithoutRules(place, userName, manner);
};

/**
 * The organization in which a name is looked for first: the one that its realm means, by login rule or slug, else that of who asks.
 * Where no account is found, it is this organization that had none.
 */
export const organizationMeant = ({ tree, scope }: Pick<LookupPlace, "tree" | "scope">, userName: string): number => {
  const rules = tree.find(scope.organizationId)?.loginRules ?? [];
  const realm = withoutRealm(userName)?.realm ?? null;
  if (rules.length === 0) return (realm !== null && tree.resolveNear(realm.toLowerCase(), scope)?.id) || scope.organizationId;
  const rule = ruleOfRealm(rules, realm);
  return rule && tree.isWithin(rule.organizationId, scope.organizationId) ? rule.organizationId : scope.organizationId;
};

/** The realm chooses the organization: what any other organization calls its users decides nothing. */
const lookUpByRules = async (place: LookupPlace, rules: readonly LoginRule[], userName: string): Promise<Lookup> => {
  const parts = withoutRealm(userName);
  const rule = ruleOfRealm(rules, parts ? parts.realm : null);
  if (!rule || !place.tree.isWithin(rule.organizationId, place.scope.organizationId)) return "unknown_realm";
  const name = parts && rule.strip ? parts.name : userName;
  return (await lookUpOwn({ ...place, scope: place.tree.scopeOf(rule.organizationId) }, name)) ?? "unknown";
};

const lookUpWithoutRules = async (place: LookupPlace, userName: string, { keepsRealm }: LookupManner): Promise<Lookup> => {
  const own = await lookUpOwn(place, userName);
  if (own?.organizationId === place.scope.organizationId) return own;
  const parts = withoutRealm(userName);
  if (!parts || parts.name === "") return own ?? lookUpBelow(place, userName);
  const named = place.tree.resolveNear(parts.realm.toLowerCase(), place.scope);
  if (named && !(own && place.tree.isWithin(own.organizationId, named.id))) {
    // In the namespace that they share, a sibling may have taken the whole of what means another one's user.
    const found = await lookUpFrom({ ...place, scope: place.tree.scopeOf(named.id) }, parts.name);
    if (found !== "unknown") return found;
    return own ?? (keepsRealm ? lookUpBelow(place, userName) : found);
  }
  if (own) return own;
  if (keepsRealm) return lookUpBelow(place, userName);
  return (await lookUpOwn(place, parts.name)) ?? lookUpPartsBelow(place, userName, parts);
};

const lookUpFrom = async (place: LookupPlace, name: string): Promise<Lookup> => (await lookUpOwn(place, name)) ?? lookUpBelow(place, name);

/** A realm may name an organization further down, too, where nothing else tells several accounts apart. */
const lookUpPartsBelow = async (place: LookupPlace, userName: string, parts: NameParts): Promise<Lookup> => {
  if (place.scope.namespaceIds.length === 1) return "unknown";
  const whole = await lookUpBelow(place, userName);
  if (whole !== "unknown") return whole;
  const bare = await lookUpBelow(place, parts.name);
  if (bare !== "ambiguous") return bare;
  const deeper = place.tree.resolveSlug(parts.realm.toLowerCase(), place.scope);
  return typeof deeper === "object" ? lookUpFrom({ ...place, scope: place.tree.scopeOf(deeper.id) }, parts.name) : bare;
};

/** The account of the namespace of the scope's top: a hardware address by the spelling that asks, else by the one it has. */
const lookUpOwn = async ({ work, scope }: LookupPlace, name: string): Promise<AccountFacts | undefined> => {
  const { accessFacts } = work.for(scope);
  const own = await accessFacts.findInNamespace(scope.namespaceId, usernameKey(name));
  const address = own ? undefined : macKey(name);
  if (address === undefined) return own;
  const [eldest] = await accessFacts.findByKeys(macSpellingsOf(address), scope.namespaceId);
  return eldest;
};

/** The account of a namespace below that of the scope's top, where one alone has the name. */
const lookUpBelow = async ({ work, scope }: LookupPlace, name: string): Promise<Lookup> => {
  if (scope.namespaceIds.length === 1) return "unknown";
  const found = await work.for(scope).accessFacts.findByKeys(keysOf(name));
  const below = found.filter((account) => account.namespaceId !== scope.namespaceId);
  const [first] = below;
  if (!first) return "unknown";
  return below.every((account) => account.namespaceId === first.namespaceId) ? first : "ambiguous";
};

const keysOf = (name: string): string[] => {
  const address = macKey(name);
  return address === undefined ? [usernameKey(name)] : macSpellingsOf(address);
};

/** The keys of all accounts that a name may mean, with and without its realm. */
export const possibleKeysOf = (userName: string): string[] => {
  if (!isStorable(userName) || userName === "") return [];
  const parts = withoutRealm(userName);
  return [...keysOf(userName), ...(parts && parts.name !== "" ? keysOf(parts.name) : [])];
};

/** What all spellings of a name have in common that can mean one account: no realm, and a hardware address by its digits. */
export const bareName = (userName: string): string => {
  let name = userName;
  for (let parts = withoutRealm(name); parts && parts.name !== ""; parts = withoutRealm(name)) name = parts.name;
  return macKey(name) ?? usernameKey(name);
};

interface NameParts {
  readonly name: string;
  readonly realm: string;
}

/** The two ways to write a realm: behind the last @, or before a backslash. */
const withoutRealm = (userName: string): NameParts | undefined => {
  const at = userName.lastIndexOf("@");
  if (at >= 0) return { name: userName.slice(0, at), realm: userName.slice(at + 1) };
  const backslash = userName.indexOf("\\");
  return backslash < 0 ? undefined : { name: userName.slice(backslash + 1), realm: userName.slice(0, backslash) };
};
