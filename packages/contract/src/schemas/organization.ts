import { Type } from "typebox";
import { filter, listQuery, pageOf } from "./page.ts";
import { closed, flag, id, instant, nullableText, optionalFields, organizationReference, readOnly, requiredText } from "./vocabulary.ts";

const slug = Type.String({
  minLength: 1,
  maxLength: 100,
  format: "slug",
  description: "A short name for URLs and bodies, unique beside the organizations below the same one; never all digits.",
  example: "engineering",
});
const name = requiredText({ description: "The name that people read.", example: "Engineering" });
const realm = Type.Unsafe<string | null>({
  type: ["string", "null"],
  minLength: 1,
  maxLength: 253,
  format: "realm",
  description:
    "The realm: what stands behind the last `@` of a name or, in a name without `@`, before its first backslash; compared without regard to case. Null: the rule of names without one.",
  example: "guests.example.com",
});
const strip = flag({ description: "Whether the realm is taken off before the account is looked for. Default true.", example: true });
const loginRules =
  "Whose accounts the names mean that users type at AAA clients of this very organization, and at the app's login with its tokens.";

export const LoginRuleInput = closed(
  {
    realm,
    organization: organizationReference({
      description:
        "Whose accounts are meant: the id or slug of this organization or of one below it. Its usernames are looked through as its own AAA clients would see them, without those of namespaces below it.",
    }),
    strip: Type.Optional(strip),
  },
  { description: "A login rule as `/organization/` takes it." },
);

export const LoginRule = Type.Object(
  { realm, organization: id("The id of the organization whose accounts are meant.", 12345), strip },
  { description: "A login rule: which organization's accounts the names of a realm mean." },
);

/** One realm names one organization, and the longest list is read at each login. */
const maxLoginRules = 100;

const minPasswordLength = (description: string, example: number | null) =>
  Type.Unsafe<number | null>({ type: ["integer", "null"], minimum: 0, maximum: 128, description, example });

const writable = {
  slug,
  name,
  description: nullableText({ description: "Free text about the organization.", example: "Software and hardware teams" }),
  parent: Type.Unsafe<number | string | null>({
    type: ["integer", "string", "null"],
    minimum: 1,
    minLength: 1,
    maxLength: 255,
    description:
      "The organization above it: its id (an integer or a string of digits) or its slug. Default: the token's organization. Null stands for the root organization alone.",
    example: 1,
  }),
  own_usernames: flag({
    description:
      "Whether the organization opens a namespace: usernames are then unique in it and below it alone. Default false; fixed at creation.",
    example: false,
  }),
  reversible_secrets: flag({
    description:
      "Whether a password that is set in clear on an account of this very organization is kept encrypted beside its hash. CHAP, MS-CHAP and PEAP need it, for they cannot be checked against a hash. Default false; switching it off erases what was kept.",
    example: false,
  }),
  min_password_length: minPasswordLength(
    "How many characters a password has at least that is set in clear on an account of this organization, or of one below it that states no length itself. 0: any length, whatever organizations above state; null, the default: what the nearest organization above states, and any length where none does. Hashes, whose password's length nobody knows, and passwords that are set already are not refused.",
    12,
  ),
  login_rules: Type.Array(LoginRuleInput, {
    maxItems: maxLoginRules,
    description: `${loginRules} With rules, the realm of a name chooses the organization, a name of any other realm is refused, and no other organization's names matter. Default: none; then the organization's own accounts are meant, and those of namespaces below it only where one fits.`,
    example: [{ realm: "guests.example.com", organization: "engineering", strip: true }],
  }),
  is_active: flag({
    description:
      "Whether the organization is in use. Default true. False suspends it and all below it: their users are refused, and their tokens get 403 for everything but accounting reports, until an organization above lifts it.",
    example: true,
  }),
};
const { slug: _slug, name: _name, ...optional } = writable;

const unread = {
  id: readOnly("The organization's id."),
  created_at: readOnly("When the organization was made."),
  last_change: readOnly("The last change."),
};

export const OrganizationInput = closed(
  { slug, name, ...optionalFields(optional), ...unread },
  { description: "An organization as `/organization/` takes it." },
);
export const OrganizationPatch = closed(
  { ...optionalFields(writable), ...unread },
  { description: "The fields of an organization to change; the others stay." },
);

export const Organization = Type.Object(
  {
    id: id("The organization's id.", 12345),
    slug: Type.String({ description: "Its short name, unique beside the organizations below the same one.", example: "engineering" }),
    name: Type.String({ description: "The name that people read.", example: "Engineering" }),
    description: nullableText({ description: "Free text about the organization.", example: null }),
    parent: Type.Unsafe<number | null>({
      type: ["integer", "null"],
      description: "The id of the organization above it; null for the root organization.",
      example: 1,
    }),
    own_usernames: flag({ description: "Whether it opens a namespace of its own.", example: false }),
    reversible_secrets: flag({ description: "Whether passwords set in clear are kept encrypted beside their hashes.", example: false }),
    min_password_length: minPasswordLength(
      "How many characters a password has at least that is set in clear; null: what the nearest organization above states.",
      null,
    ),
    login_rules: Type.Array(LoginRule, { description: loginRules }),
    is_active: flag({ description: "Whether the organization is in use.", example: true }),
    created_at: instant("When the organization was made."),
    last_change: instant("The last change."),
  },
  { description: "An organization: accounts, AAA profiles and API tokens belong to one." },
);

export const OrganizationPage = pageOf(Organization, "A page of organizations.");

export const OrganizationListQuery = listQuery({
  id: filter.id("Only the organization with this id.", 12345),
  name: filter.text("Organizations whose name contains this, without regard to case.", "engin"),
  parent: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: "Organizations directly below the one with this id or slug.",
      example: "acme_corp",
    }),
  ),
  is_active: filter.flag("Only active, or only inactive organizations."),
  last_change__gte: filter.since(),
});
