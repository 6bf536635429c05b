import type { AttributeItem, AttributeValues } from "../words/attributes.ts";

/**
 * A check attribute; for `=~` and `!~` its pattern comes compiled, for the decision knows no engine. Without it the pattern
 * is too large, and where it answers undefined it cannot be read: nothing satisfies the item.
 */
export interface CheckItem extends AttributeItem {
  readonly fits?: ((value: string) => boolean | undefined) | undefined;
  /** How many instructions the pattern has: times the length of a text, what matching it costs at most. */
  readonly size?: number | undefined;
  /** Whether its value is a password or a key, which no trace shows. */
  readonly isSecret?: boolean | undefined;
}

/** An AAA profile as the decision reads it. */
export interface ProfileFacts {
  readonly shortName: string;
  readonly check: readonly CheckItem[];
  readonly reply: readonly AttributeItem[];
}

/** The account that asks to be let in. */
export interface UserFacts {
  readonly id: number;
  readonly username: string;
  /** False when the account, its organization or one above it is switched off. */
  readonly isActive: boolean;
  readonly expirationMs: number | null;
  /** The time balance in seconds; null: not metered. */
  readonly seconds: number | null;
}

/** How the request proves who asks: the verdict, for computing it is an effect and comes before the decision. */
export interface CredentialFacts {
  readonly method: "pap" | "chap" | "mac" | "none";
  /**
   * `unreadable`: the method needs a reversible secret and none is kept. `deferred`: who asks checks it, with the secret
   * that the answer carries. `unsupported`: this door does not speak the method. `assumed`: a simulation did not ask.
   * `paused`: it was not looked at in time, beside too many wrong ones.
   */
  readonly verdict: "right" | "wrong" | "paused" | "missing" | "unreadable" | "deferred" | "unsupported" | "assumed";
}

/** The user's sessions as they stand, without those of the device that asks, which the new one would replace. */
export interface SessionFacts {
  readonly live: number;
  /** Reservations of other devices that were let in and have not started yet. */
  readonly reserved: number;
  /** Seconds that have passed in all live sessions, the asking device's included, and were not reported yet. */
  readonly unreportedSeconds: number;
}

/** Everything that the decision depends on: the same facts always decide the same. */
export interface AccessFacts {
  readonly nowMs: number;
  readonly user: UserFacts | "unknown_realm" | "unknown" | "ambiguous";
  readonly credential: CredentialFacts;
  readonly profiles: readonly ProfileFacts[];
  readonly sessions: SessionFacts;
  /** The request's attributes by the dictionary's names; undefined where no network equipment asks and no session follows. */
  readonly attributes: AttributeValues | undefined;
}
