import { Type } from "typebox";
import { filter, listQuery, pageOf } from "./page.ts";
import {
  closed,
  flag,
  id,
  instant,
  jsonObject,
  nullableFormat,
  nullableInstant,
  nullableText,
  optionalFields,
  organizationReference,
  readOnly,
} from "./vocabulary.ts";

const username = Type.String({
  minLength: 1,
  maxLength: 150,
  format: "username",
  description: "1-150 letters, digits and `@ . + - _ : / |`. Unique in its namespace without regard to case.",
  example: "john.smith",
});

/** The writable fields that both views of an account share. */
export const accountFields = {
  username,
  password: nullableText({
    description:
      "Write-only. A password in clear, or a hash in a known format, which is kept: `$argon2id$`, `$2a$`, `$2b$`, `$2y$`, `$1$`, `$apr1$`, `$5$`, `$6$`, Django's `argon2$`, `bcrypt_sha256$`, `bcrypt$` and `pbkdf2_sha256$`, `{SSHA}`, `{SHA}`, `{SMD5}`, `{MD5}`, `{SSHA256}` and the like, `{NT}`, `{CRYPT}` before any of crypt(3). Another `{SCHEME}` or `$id$`, a hash that is not whole, and one that costs more than bcrypt 14, Argon2 64 MiB and 10 passes, PBKDF2 2,000,000 or SHA-crypt 200,000 rounds is refused. A password in clear has at least as many characters as `min_password_length` of its organization says. Null removes it.",
    example: "SecureP@ssw0rd!",
  }),
  password_scheme: Type.Enum(["auto", "clear", "nt", "md5", "sha1", "ssha", "crypt"], {
    description:
      "Write-only. What `password` is. `auto`: as it looks; `clear`: the password itself, whatever it looks like; the others: a hash of that scheme, also without its `{SCHEME}`, in hexadecimal (`nt`, `md5`, `sha1`) or base64 (`md5`, `sha1`, `ssha`). Default `auto`.",
    example: "auto",
  }),
  email: nullableFormat("email", { description: "E-mail address.", example: "john.smith@company.com" }),
  first_name: nullableText({ description: "First name.", example: "John" }),
  last_name: nullableText({ description: "Last name.", example: "Smith" }),
  organization: organizationReference(),
  external_id: nullableText({
    description: "The account's id in another system, unique within the organization; empty means none.",
    example: "EXT-USER-001",
  }),
  klass: nullableText({ description: "Service class.", example: "premium" }),
  description: nullableText({ description: "Free text about the account.", example: "Premium user account" }),
  avatar_url: nullableFormat("url", { description: "URL of the avatar image.", example: "https://example.com/avatars/42.png" }, 2048),
  is_active: flag({ description: "Whether the account may be used. Default true.", example: true }),
  expiration: nullableFormat("instant", { description: "When the account expires; null is never.", example: "2124-12-31T23:59:59Z" }),
};

/** What an account shows and no request changes. */
export const accountReadOnly = {
  id: readOnly("The account's id."),
  date_joined: readOnly("When the account was made."),
  first_login: readOnly("The first login."),
  last_login: readOnly("The last login."),
  last_change: readOnly("The last change."),
};

const groups = Type.Array(Type.String({ minLength: 1, maxLength: 80 }), {
  maxItems: 250,
  description: "Names of groups, 1-80 characters each; duplicates are removed.",
  example: ["developers", "vpn_users"],
});
const aaaProfile = jsonObject({
  description: "Free JSON about the user's access; `role` is filtered on. PATCH merges it key by key.",
  example: { role: "user", department: "Software Engineering", manager: "jane.doe", access_level: "standard" },
});

const olderProfile = Type.Object(
  {
    first_name: Type.Optional(nullableText({ description: "As `first_name`." })),
    last_name: Type.Optional(nullableText({ description: "As `last_name`." })),
    role: Type.Optional(nullableText({ description: "As `aaa_profile.role`." })),
    created_at: readOnly("When the account was made."),
    updated_at: readOnly("The last change."),
    last_login: readOnly("The last login."),
  },
  {
    additionalProperties: false,
    description: "The older form of the names and the role. Each part counts only where the body does not name the newer field.",
  },
);

const writable = { ...accountFields, groups, aaa_profile: aaaProfile, profile: olderProfile };
const { username: _required, ...optional } = writable;

export const UserInput = closed(
  { username, ...optionalFields(optional), ...accountReadOnly },
  { description: "An account as `/user/` takes it." },
);
export const UserPatch = closed(
  { ...optionalFields(writable), ...accountReadOnly },
  { description: "The fields of an account to change; the others stay." },
);
export const UserPatchRow = closed(
  { ...optionalFields(writable), ...accountReadOnly, id: id("The account to change.") },
  { description: "One account's changes in a PATCH of several." },
);

export const User = Type.Object(
  {
    id: id("The account's id, the same in every view."),
    username: Type.String({ description: "The name to log in with.", example: "john.smith" }),
    email: nullableText({ description: "E-mail address.", example: "john.smith@company.com" }),
    first_name: nullableText({ description: "First name.", example: "John" }),
    last_name: nullableText({ description: "Last name.", example: "Smith" }),
    organization: Type.String({ description: "The slug of the organization.", example: "engineering" }),
    is_active: flag({ description: "Whether the account may be used.", example: true }),
    last_login: nullableInstant("The last login.", "2024-01-15T14:22:30Z"),
    date_joined: instant("When the account was made.", "2023-08-12T09:15:00Z"),
    groups: Type.Array(Type.String(), { description: "Names of groups.", example: ["developers", "vpn_users"] }),
    aaa_profile: aaaProfile,
    external_id: nullableText({ description: "The account's id in another system.", example: null }),
    klass: nullableText({ description: "Service class.", example: null }),
    description: nullableText({ description: "Free text about the account.", example: null }),
    avatar_url: nullableText({ description: "URL of the avatar image.", example: null }),
    expiration: nullableInstant("When the account expires; null is never.", null),
    first_login: nullableInstant("The first login.", null),
    last_change: instant("The last change of anything but debits.", "2024-01-15T10:30:00Z"),
    profile: Type.Object(
      {
        first_name: nullableText({ description: "As `first_name`.", example: "John" }),
        last_name: nullableText({ description: "As `last_name`.", example: "Smith" }),
        role: nullableText({ description: "`aaa_profile.role` where it is a string.", example: "user" }),
        created_at: instant("As `date_joined`.", "2023-08-12T09:15:00Z"),
        updated_at: instant("As `last_change`."),
        last_login: nullableInstant("As `last_login`.", "2024-01-15T14:22:30Z"),
      },
      { description: "The same for readers of the older document." },
    ),
  },
  { description: "An account." },
);

export const UserPage = pageOf(User, "A page of accounts.");

export const UserListQuery = listQuery({
  id: filter.id("Only the account with this id."),
  username: filter.text("Accounts whose username contains this, without regard to case.", "smith"),
  organization: filter.organization(),
  role: filter.text("Accounts whose `aaa_profile.role` is this.", "admin"),
  group: filter.text("Accounts in this group.", "developers"),
  is_active: filter.flag("Only active, or only inactive accounts."),
  external_id: filter.text("Accounts with this external id; empty: without one.", "EXT-USER-001"),
  last_change__gte: filter.since(),
});
