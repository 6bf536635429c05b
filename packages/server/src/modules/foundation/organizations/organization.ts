import type { Image } from "../../../kernel/change.ts";
import { imageOfRules, type LoginRule } from "./login-rule.ts";

export interface Organization {
  readonly id: number;
  /** The organization that opens the namespace: itself when it has usernames of its own. */
  readonly namespaceId: number;
  readonly parentId: number | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly ownUsernames: boolean;
  /** Whether passwords of its accounts that are set in clear are kept encrypted beside their hashes. */
  readonly reversibleSecrets: boolean;
  /** How many characters a password has at least that is set in clear; null: what the nearest organization above states. */
  readonly minPasswordLength: number | null;
  /** Whose accounts the names mean that are typed at its equipment, the first rule of a realm; empty: its own. */
  readonly loginRules: readonly LoginRule[];
  readonly isActive: boolean;
  readonly createdAtMs: number;
  readonly lastChangeMs: number;
  readonly version: number;
}

/** What a request wants of an organization. What is undefined stays as it is. */
export interface OrganizationFields {
  readonly slug?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  /** The organization above: its id, as integer or digits, or its slug; null stands for none. */
  readonly parent?: number | string | null | undefined;
  readonly ownUsernames?: boolean | undefined;
  readonly reversibleSecrets?: boolean | undefined;
  readonly minPasswordLength?: number | null | undefined;
  readonly loginRules?: readonly WantedLoginRule[] | undefined;
  readonly isActive?: boolean | undefined;
}

/** A login rule as a request names it: the organization by id, digits or slug. */
export interface WantedLoginRule {
  readonly realm: string | null;
  readonly organization: number | string;
  readonly strip: boolean;
}

/** An organization before it is one: what a create begins with. */
export const blankOrganization = (id: number, nowMs: number): Organization => ({
  id,
  namespaceId: 0,
  parentId: null,
  slug: "",
  name: "",
  description: null,
  ownUsernames: false,
  reversibleSecrets: false,
  minPasswordLength: null,
  loginRules: [],
  isActive: true,
  createdAtMs: nowMs,
  lastChangeMs: nowMs,
  version: 0,
});

/** The organization as the audit trail keeps it; it belongs to itself. */
export const imageOfOrganization = (organization: Organization): Image => ({
  organization: organization.id,
  parent: organization.parentId,
  slug: organization.slug,
  name: organization.name,
  description: organization.description,
  own_usernames: organization.ownUsernames,
  reversible_secrets: organization.reversibleSecrets,
  min_password_length: organization.minPasswordLength,
  login_rules: imageOfRules(organization.loginRules),
  is_active: organization.isActive,
});
