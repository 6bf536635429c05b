import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { imageOfRules } from "./login-rule.ts";
import type { Organization, OrganizationFields } from "./organization.ts";

type Input = Static<typeof schemas.OrganizationInput>;
type Patch = Static<typeof schemas.OrganizationPatch>;

export const presentOrganization = (organization: Organization): Static<typeof schemas.Organization> => ({
  id: organization.id,
  slug: organization.slug,
  name: organization.name,
  description: organization.description,
  parent: organization.parentId,
  own_usernames: organization.ownUsernames,
  reversible_secrets: organization.reversibleSecrets,
  min_password_length: organization.minPasswordLength,
  login_rules: imageOfRules(organization.loginRules),
  is_active: organization.isActive,
  created_at: formatInstant(organization.createdAtMs),
  last_change: formatInstant(organization.lastChangeMs),
});

/** What a body says of an organization, for POST and PATCH: what it does not name is left alone. */
export const readOrganizationBody = (body: Input | Patch): OrganizationFields => ({
  slug: body.slug,
  name: body.name,
  description: body.description,
  parent: body.parent,
  ownUsernames: body.own_usernames,
  reversibleSecrets: body.reversible_secrets,
  minPasswordLength: body.min_password_length,
  loginRules: body.login_rules?.map(({ realm, organization, strip = true }) => ({ realm, organization, strip })),
  isActive: body.is_active,
});

/** What a PUT says: a description left out is null; all but slug and name besides stays when left out. */
export const readOrganizationReplacement = (body: Input): OrganizationFields => ({
  ...readOrganizationBody(body),
  description: body.description ?? null,
});
