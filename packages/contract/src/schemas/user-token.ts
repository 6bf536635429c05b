import { Type } from "typebox";
import { filter, listQuery, pageOf, plainQuery } from "./page.ts";
import { accountFields, accountReadOnly } from "./user.ts";
import { closed, flag, id, instant, nullableInstant, nullableText, optionalFields, requiredText } from "./vocabulary.ts";

const userTime = Type.Unsafe<number | null>({
  type: ["integer", "null"],
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "The time balance in seconds; null: the account is not metered. Setting it is a row of the time ledger.",
  example: 3600,
});
const profile = Type.Array(requiredText({ description: "A short name.", example: "internet_access" }, 80), {
  maxItems: 100,
  description: "Short names of AAA profiles of the organization or one above it; the order is kept.",
  example: ["internet_access", "wifi_premium"],
});

const writable = { ...accountFields, profile, user_time: userTime };
const { username, ...optional } = writable;

export const UserTokenInput = closed(
  { username, ...optionalFields(optional), ...accountReadOnly },
  { description: "An account as `/user_token/` takes it." },
);
export const UserTokenPatch = closed(
  { ...optionalFields(writable), ...accountReadOnly },
  { description: "The fields of an account to change; the others stay." },
);
export const UserTokenPatchRow = closed(
  { ...optionalFields(writable), ...accountReadOnly, id: id("The account to change.") },
  { description: "One account's changes in a PATCH of several." },
);

export const UserToken = Type.Object(
  {
    id: id("The account's id, the same in every view.", 1),
    username: Type.String({ description: "The name to log in with.", example: "john_doe" }),
    external_id: nullableText({ description: "The account's id in another system.", example: "EXT-USER-001" }),
    klass: nullableText({ description: "Service class.", example: "premium" }),
    email: nullableText({ description: "E-mail address.", example: null }),
    first_name: nullableText({ description: "First name.", example: null }),
    last_name: nullableText({ description: "Last name.", example: null }),
    is_active: flag({ description: "Whether the account may be used.", example: true }),
    organization: id("The id of the organization.", 1),
    description: nullableText({ description: "Free text about the account.", example: "Premium user account" }),
    date_joined: instant("When the account was made."),
    first_login: nullableInstant("The first login.", null),
    last_login: nullableInstant("The last login."),
    last_change: instant("The last change of anything but debits."),
    expiration: nullableInstant("When the account expires; null is never.", "2124-12-31T23:59:59Z"),
    avatar_url: nullableText({ description: "URL of the avatar image.", example: null }),
    profile: Type.Array(Type.String(), {
      description: "Short names of AAA profiles, in order.",
      example: ["internet_access", "wifi_premium"],
    }),
    user_time: Type.Optional(
      Type.Unsafe<number | null>({
        type: ["integer", "null"],
        description:
          "The time balance in seconds, null when not metered. Shown with `balance=true`, after PUT and PATCH, and after a POST that set it.",
        example: 3600,
      }),
    ),
  },
  { description: "An account with its time credit." },
);

export const UserTokenPage = pageOf(UserToken, "A page of accounts.");

const balance = filter.flag("Whether to show the time balance in seconds as `user_time`.");

export const UserTokenQuery = plainQuery({ balance });

export const UserTokenListQuery = listQuery({
  username: filter.text("The account with exactly this username, without regard to case.", "john_doe"),
  organization: filter.organization(),
  balance,
  external_id: filter.text("Accounts with this external id; empty: without one.", "EXT-USER-001"),
  klass: filter.text("Accounts of this service class.", "premium"),
  is_active: filter.flag("Only active, or only inactive accounts."),
  last_change__gte: filter.since(),
});

export const TopUpInput = closed(
  {
    seconds: Type.Integer({
      minimum: -Number.MAX_SAFE_INTEGER,
      maximum: Number.MAX_SAFE_INTEGER,
      description: "Seconds to add; a negative number takes away, never below 0.",
      example: 3600,
    }),
    reason: Type.Optional(nullableText({ description: "Why, for the ledger.", example: "Bought one hour" })),
  },
  { description: "A change of the balance by an amount." },
);

export const TimeLedgerEntry = Type.Object(
  {
    id: id("The row's id.", 7),
    user: id("The account.", 1),
    delta: Type.Integer({ description: "Seconds added (or taken away, when negative).", example: 3600 }),
    balance_after: Type.Unsafe<number | null>({
      type: ["integer", "null"],
      description: "The balance after it in seconds; null when the account stopped being metered.",
      example: 7200,
    }),
    reason: nullableText({ description: "Why.", example: "Bought one hour" }),
    actor: Type.String({ description: "Who did it.", example: "api_token:1" }),
    created_at: instant("When it was done."),
    session: Type.Unsafe<number | null>({
      type: ["integer", "null"],
      description: "The session (`radacctid`) whose debited time the row is; null for other changes.",
      example: null,
    }),
    last_burn: nullableInstant("When time was last debited; balance_after is the balance of then. Null for other changes.", null),
    is_growing: flag({
      description: "Whether the session goes on, so that the row still grows. A row that does not grow never changes.",
      example: false,
    }),
  },
  { description: "One change of a time balance. The rows of an account add up to its balance." },
);

export const TimeLedgerPage = pageOf(TimeLedgerEntry, "A page of the account's time ledger.");
export const TimeLedgerQuery = listQuery({});
