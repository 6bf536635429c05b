import type { PasswordScheme } from "../passwords/index.ts";
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
  /** What is stored of a password, hashed before the unit of work; undefined where the draft sets none. */
  readonly passwordHash?: string | undefined;
}

/** The account that a create applies its draft to. */
export const blankUser = (id: number, nowMs: number): User => ({
  id,
  namespaceId: 0,
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
