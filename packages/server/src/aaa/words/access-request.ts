import type { AttributeItem, AttributeValues } from "./attributes.ts";

/** What a request shows to prove who asks. */
export type Credential =
  | { readonly method: "pap"; readonly password: Buffer }
  /** RFC 1994 §4.1; the response has 16 octets. */
  | { readonly method: "chap"; readonly identifier: number; readonly challenge: Buffer; readonly response: Buffer }
  /** The server that asks verifies the credential itself, with the reversible secret. */
  | { readonly method: "deferred" }
  /** A method that Gatehouse does not verify itself. */
  | { readonly method: "unsupported"; readonly name: "EAP" | "MS-CHAP" | "ARAP" | "Digest" }
  | { readonly method: "none" };

/** An Access-Request (RFC 2865 §4.1) of a known client, whose packet is verified. */
export interface AccessRequest<Client> {
  readonly client: Client;
  /** Which way it came: to the embedded RADIUS server, or through a FreeRADIUS. */
  readonly source: "radius" | "freeradius";
  /** User-Name as it was sent; empty where there is none. */
  readonly userName: string;
  readonly credential: Credential;
  /** Nothing secret is among them. */
  readonly attributes: AttributeValues;
  /** Whether the client still waits for the answer. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Frees the place in the queue of quick work; called before anything slow. */
  readonly stepAside?: (() => void) | undefined;
  /** Undefined where another server writes the packet. */
  readonly replyContext?: ReplyContext | undefined;
}

/** What the octets of a reply depend on beside its attributes. */
export interface ReplyContext {
  /** Hidden values are hidden with the shared secret and the request's authenticator (RFC 2868 §3.5). */
  readonly secret: { readonly bytes: Buffer };
  readonly requestAuthenticator: Buffer;
  /** The room that a packet of 4,096 octets leaves beside its header, Message-Authenticator and Proxy-State. */
  readonly maxOctets: number;
}

/** The attributes of a reply as octets, or the sentence that says which one cannot be written, and why. */
export type EncodedReply = { readonly octets: Buffer } | { readonly fault: string };

/** The answer to an Access-Request. */
export type AccessAnswer =
  | {
      readonly outcome: "accept";
      readonly decisionId: number;
      readonly reply: readonly AttributeItem[];
      /** The reply as octets; undefined where another server writes the packet. */
      readonly octets: Buffer | undefined;
      /** The reversible secret, for a server that verifies the credential itself. */
      readonly secret: string | undefined;
    }
  | {
      readonly outcome: "reject";
      readonly decisionId: number;
      /** The Reply-Message; nothing else goes out with an Access-Reject (RFC 2865 §5.44). */
      readonly message: string;
      /** Why the Access-Accept could not be written, where that is the reason. */
      readonly fault?: string | undefined;
    };
