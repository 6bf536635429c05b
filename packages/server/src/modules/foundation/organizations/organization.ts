import type { Image } from "../../../kernel/change.ts";

export interface Organization {
  readonly id: number;
  /** The organization that opens the name space: itself when it has usernames of its own. */
  readonly nameSpaceId: number;
  readonly parentId: number | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly ownUsernames: boolean;
  /** Whether passwords of its accounts that are set in clear are kept encrypted beside their hashes. */
  readonly reversibleSecrets: boolean;
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
  readonly isActive?: boolean | undefined;
}

/** An organization before it is one: what a create begins with. */
export const blankOrganization = (id: number, nowMs: number): Organization => ({
  id,
  nameSpaceId: 0,
  parentId: null,
  slug: "",
  name: "",
  description: null,
  ownUsernames: false,
  reversibleSecrets: false,
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
  is_active: organization.isActive,
});
