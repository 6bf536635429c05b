import type { AttributeItem } from "../../../aaa/words/attributes.ts";
import type { AaaClient } from "../aaa-clients/index.ts";

/** How who asks wants to prove who they are. */
export type Credential =
  | { readonly method: "pap"; readonly password: Buffer }
  | { readonly method: "chap"; readonly identifier: number; readonly challenge: Buffer; readonly response: Buffer }
  /** The server that asks checks the credential itself, with the reversible secret. */
  | { readonly method: "deferred" }
  /** A method that this door does not speak. */
  | { readonly method: "unsupported" }
  | { readonly method: "none" };

/** What network equipment asks. */
export interface AccessRequest {
  readonly client: AaaClient;
  readonly source: "radius" | "freeradius";
  /** User-Name as it was sent. */
  readonly userName: string;
  readonly credential: Credential;
  /** The request's attributes by the dictionary's names, each with its values as texts; nothing secret among them. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** Whether the equipment still waits for the answer. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Called before anything slow: the place that quick work holds is free again. */
  readonly stepAside?: (() => void) | undefined;
  /**
   * Writes the answer as it will leave, where that is done in this house; the sentence says why it cannot be. What cannot be
   * written may be what restricts the access, so nobody is let in without it.
   */
  readonly write?: (reply: readonly AttributeItem[]) => string | undefined;
}

/** What network equipment is answered. */
export type AccessAnswer =
  | {
      readonly outcome: "accept";
      readonly decisionId: number;
      readonly reply: readonly AttributeItem[];
      /** The reversible secret, for a server that checks the credential itself. */
      readonly secret: string | undefined;
    }
  | { readonly outcome: "reject"; readonly decisionId: number; readonly message: string };
