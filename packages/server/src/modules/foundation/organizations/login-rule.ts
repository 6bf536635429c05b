import { foldText } from "../../../kernel/folded-text.ts";

/** Which organization's accounts the names of a realm mean, at equipment of the organization that has the rule. */
export interface LoginRule {
  /** As it was written; null for names without a realm. */
  readonly realm: string | null;
  readonly organizationId: number;
  /** Whether the realm is taken off before the account is looked for. */
  readonly strip: boolean;
}

/** The form in which realms are compared: NFC and Unicode case folding, as usernames are. */
export const realmKey = (realm: string | null): string | null => (realm === null ? null : foldText(realm));

/** The first rule of a realm; null asks for that of names without one. */
export const ruleOfRealm = (rules: readonly LoginRule[], realm: string | null): LoginRule | undefined => {
  const key = realmKey(realm);
  return rules.find((rule) => realmKey(rule.realm) === key);
};

/** The rules as a column keeps them and the trail shows them. */
export const imageOfRules = (rules: readonly LoginRule[]) =>
  rules.map(({ realm, organizationId, strip }) => ({ realm, organization: organizationId, strip }));

/** Reads what `imageOfRules` wrote. */
export const rulesOfImage = (image: ReturnType<typeof imageOfRules>): LoginRule[] =>
  image.map(({ realm, organization, strip }) => ({ realm, organizationId: organization, strip }));
