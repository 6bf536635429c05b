import { foldText } from "../../../kernel/folded-text.ts";

/** An account without its balance: what most views show. */
export interface Account {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly username: string;
  readonly passwordHash: string | null;
  readonly email: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly externalId: string | null;
  readonly klass: string | null;
  readonly description: string | null;
  readonly avatarUrl: string | null;
  readonly isActive: boolean;
  readonly groups: readonly string[];
  readonly aaaProfile: Readonly<Record<string, unknown>>;
  /** Short names of AAA profiles, in order. */
  readonly profileNames: readonly string[];
  readonly expirationMs: number | null;
  readonly dateJoinedMs: number;
  readonly firstLoginMs: number | null;
  readonly lastLoginMs: number | null;
  readonly lastChangeMs: number;
  /** Counts the changes of anything the account shows, except debited time and logins. */
  readonly version: number;
}

/** An account with its balance. */
export interface User extends Account {
  /** The time balance, null when it is not metered. */
  readonly seconds: number | null;
}

/** The form in which usernames are compared. */
export const usernameKey = (username: string): string => foldText(username);

/** `aaa_profile.role` where it is a string: what the filter `role` finds and the older document shows. */
export const roleOf = (aaaProfile: Readonly<Record<string, unknown>>): string | null =>
  typeof aaaProfile["role"] === "string" ? aaaProfile["role"] : null;
