import type { AttributeItem, AttributeValues } from "../words/attributes.ts";

/**
 * A check attribute. The pattern of `=~` and `!~` comes compiled, because the decision knows no engine. Without `fits` the
 * pattern is too large; where `fits` answers undefined the engine cannot read it. Nothing satisfies such an item.
 */
export interface CheckItem extends AttributeItem {
  readonly fits?: ((value: string) => boolean | undefined) | undefined;
  /** The instructions of the pattern: times the length of a text, the greatest cost of matching it. */
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

/** What the decision reads of the account. */
export interface UserFacts {
  readonly id: number;
  readonly username: string;
  /** False where the account, its organization or one above it is switched off. */
  readonly isActive: boolean;
  readonly expirationMs: number | null;
  /** The time balance in seconds; null: not metered. */
  readonly seconds: number | null;
}

/** The result of verifying the credential, which is an effect and comes before the decision. */
export interface CredentialFacts {
  readonly method: "pap" | "chap" | "mac" | "none";
  /**
   * `unreadable`: the method needs a reversible secret and none is kept. `deferred`: the server that asks verifies it with the
   * secret in the answer. `unsupported`: Gatehouse does not verify the method. `assumed`: a simulation showed none.
   * `paused`: too many wrong ones came before it, and it was not looked at in time.
   */
  readonly verdict: "right" | "wrong" | "paused" | "missing" | "unreadable" | "deferred" | "unsupported" | "assumed";
}

/** The user's sessions, without those of the device that asks, which the new session would replace. */
export interface SessionFacts {
  readonly live: number;
  /** Reservations of other devices whose sessions have not started yet. */
  readonly reserved: number;
  /** Seconds that have passed in all live sessions, the asking device's included, and are not reported yet. */
  readonly unreportedSeconds: number;
}

/** Everything that the decision depends on: the same facts always give the same decision. */
export interface AccessFacts<Account extends UserFacts = UserFacts> {
  readonly nowMs: number;
  readonly account: Account | "unknown_realm" | "unknown" | "ambiguous";
  readonly credential: CredentialFacts;
  readonly profiles: readonly ProfileFacts[];
  readonly sessions: SessionFacts;
  /** The attributes of the request; undefined where no network equipment asks and no session follows. */
  readonly attributes: AttributeValues | undefined;
}
