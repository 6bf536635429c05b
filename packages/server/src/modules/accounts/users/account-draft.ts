import type { Faults } from "../../../kernel/errors.ts";
import { jsonBytes, largestJsonBytes } from "../../../kernel/json-size.ts";
import { classifyPassword, type PasswordScheme } from "../passwords/index.ts";
import type { User } from "./user.ts";

/** What a request wants of an account, whichever view it came through. What is undefined stays as it is. */
export interface AccountFields {
  readonly username?: string | undefined;
  /** As `passwordScheme` says, by default in clear or as a hash in a known format; null removes it. */
  readonly password?: string | null | undefined;
  readonly passwordScheme?: PasswordScheme | undefined;
  readonly email?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  /** An organization's id, as integer or digits, or its slug. */
  readonly organization?: number | string | undefined;
  readonly externalId?: string | null | undefined;
  readonly klass?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly avatarUrl?: string | null | undefined;
  readonly isActive?: boolean | undefined;
  readonly expirationMs?: number | null | undefined;
  readonly groups?: readonly string[] | undefined;
  /** Makes the new `aaa_profile` of the present one. */
  readonly aaaProfile?: ((present: Readonly<Record<string, unknown>>) => Record<string, unknown>) | undefined;
  readonly profileNames?: readonly string[] | undefined;
  /** The balance to set, in seconds; null stops the metering. */
  readonly userTime?: number | null | undefined;
}

/** One account to be made or changed. */
export interface AccountDraft {
  /** Where the request named it: the row's index and a dot, or nothing. */
  readonly prefix: string;
  readonly fields: AccountFields;
  /** What of the password is to be stored; undefined leaves it. Hashed before the unit of work. */
  readonly passwordHash?: string | null | undefined;
}

/** Checks what needs no database: the form of password hashes and the size of JSON. */
export const checkDrafts = (drafts: readonly AccountDraft[], faults: Faults): void => {
  for (const { prefix, fields } of drafts) {
    if (fields.password === "") faults.add(`${prefix}password`, "May not be empty.");
    else if (typeof fields.password === "string") {
      const classified = classifyPassword(fields.password, fields.passwordScheme);
      if (classified.kind === "broken") faults.add(`${prefix}password`, classified.sentence);
    } else if (fields.passwordScheme !== undefined) {
      faults.add(`${prefix}password_scheme`, "Says what the password is, and there is none.");
    }
    if (fields.aaaProfile && jsonBytes(fields.aaaProfile({})) > largestJsonBytes) {
      faults.add(`${prefix}aaa_profile`, `May have at most ${largestJsonBytes} bytes.`);
    }
  }
};

/** How many characters a password has that a draft sets in clear; undefined where it sets none, or a hash, of whose password nobody knows it. */
export const clearPasswordLength = ({ password, passwordScheme }: AccountFields): number | undefined => {
  if (!password || classifyPassword(password, passwordScheme).kind !== "clear") return undefined;
  return [...password].length;
};

/** An account before it is one: what a create begins with. */
export const blankUser = (id: number, nowMs: number): User => ({
  id,
  nameSpaceId: 0,
  organizationId: 0,
  username: "",
  passwordHash: null,
  email: null,
  firstName: null,
  lastName: null,
  externalId: null,
  klass: null,
  description: null,
  avatarUrl: null,
  isActive: true,
  groups: [],
  aaaProfile: {},
  profileNames: [],
  expirationMs: null,
  dateJoinedMs: nowMs,
  firstLoginMs: null,
  lastLoginMs: null,
  lastChangeMs: nowMs,
  version: 0,
  seconds: null,
});
