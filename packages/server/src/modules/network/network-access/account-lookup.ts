import { macKey } from "../../../access/check-comparison.ts";
import { type AtHand, whenAtHand } from "../../../kernel/at-hand.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { usernameKey } from "../../accounts/users/index.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { AccessFactsStore, AccountFacts } from "./access-facts.store.ts";
import { macSpellingsOf } from "./station.ts";
import { isStorable } from "./storable-text.ts";

/** Where a name is looked for. */
export interface LookupPlace {
  readonly work: Work<{ accessFacts: AccessFactsStore }>;
  readonly tree: OrganizationTree;
  /** What the client serves: its organization and those below. */
  readonly scope: TenantScope;
}

/** The account that a name means; `ambiguous` when accounts of several name spaces below have it. */
export type Lookup = AccountFacts | "unknown" | "ambiguous";

/**
 * Finds the account that a User-Name means: the whole name first, a hardware address in any of its spellings, then the
 * name without its realm. A realm that is the slug of an organization which the client serves says where to look; any
 * other says nothing. The client's own name space comes before those below it.
 */
export const lookUpAccount = (place: LookupPlace, userName: string): AtHand<Lookup> => {
  if (!isStorable(userName) || userName === "") return "unknown";
  return whenAtHand(lookUpName(place, userName), (whole) => (whole === "unknown" ? lookUpWithoutRealm(place, userName) : whole));
};

const lookUpWithoutRealm = (place: LookupPlace, userName: string): AtHand<Lookup> => {
  const parts = withoutRealm(userName);
  if (!parts || parts.name === "") return "unknown";
  const organization = place.tree.resolve(parts.realm.toLowerCase(), place.scope);
  const scope = organization === undefined || organization === "ambiguous" ? place.scope : place.tree.scopeOf(organization.id);
  return lookUpName({ ...place, scope }, parts.name);
};

const lookUpName = ({ work, scope }: LookupPlace, name: string): AtHand<Lookup> => {
  const { accessFacts } = work.for(scope);
  const key = usernameKey(name);
  return whenAtHand(accessFacts.findInNameSpace(scope.nameSpaceId, key), (own): AtHand<Lookup> => {
    if (own) return own;
    const address = macKey(name);
    if (address === undefined && scope.nameSpaceIds.length === 1) return "unknown";
    return nearest(scope, accessFacts.findByKeys(address === undefined ? [key] : macSpellingsOf(address)));
  });
};

/** Of accounts of several name spaces the one of the client's own. */
const nearest = async (scope: TenantScope, finding: Promise<readonly AccountFacts[]>): Promise<Lookup> => {
  const found = await finding;
  const [first, second] = found;
  if (second === undefined) return first ?? "unknown";
  const near = found.filter((account) => account.nameSpaceId === scope.nameSpaceId);
  return near.length === 1 ? near[0]! : "ambiguous";
};

/** What all spellings of a name have in common that can mean one account: no realm, and a hardware address by its digits. */
export const bareName = (userName: string): string => {
  let name = userName;
  for (let parts = withoutRealm(name); parts && parts.name !== ""; parts = withoutRealm(name)) name = parts.name;
  return macKey(name) ?? usernameKey(name);
};

/** The two ways to write a realm: behind the last @, or before a backslash. A number is no slug. */
const withoutRealm = (userName: string): { name: string; realm: string } | undefined => {
  const at = userName.lastIndexOf("@");
  if (at >= 0) return { name: userName.slice(0, at), realm: nameable(userName.slice(at + 1)) };
  const backslash = userName.indexOf("\\");
  return backslash < 0 ? undefined : { name: userName.slice(backslash + 1), realm: nameable(userName.slice(0, backslash)) };
};

const nameable = (realm: string): string => (/^\d*$/.test(realm) ? "." : realm);
