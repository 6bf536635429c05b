import type { AtHand } from "../../kernel/at-hand.ts";
import type { Share } from "../../kernel/fair-line.ts";
import type { AttributeText } from "../protocol/dictionary/attribute-encoding.ts";
import type { AttributeValues } from "../protocol/dictionary/attribute-reading.ts";
import type { ChapProof } from "../protocol/packet/chap.ts";

/** What the door must know of an AAA client. */
export interface ClientTrust {
  /** Tells it from all others, before and after a change: names are not unique. */
  readonly id: number;
  /** How logs name it. */
  readonly name: string;
  /** The shared secret, 1 to 1,024 octets of UTF-8. */
  readonly secret: string | Uint8Array;
  /** Whether its Access-Requests count only with a Message-Authenticator (CVE-2024-3596). */
  readonly requiresMessageAuthenticator: boolean;
}

/** Who may send from an address: one client at most, or, where it is shared, those among whom the secret chooses. */
export interface PacketSource<Client> {
  readonly clients: readonly Client[];
  /** Requests count only with a Message-Authenticator then, whatever their client says. */
  readonly isShared: boolean;
}

/** How a login wants to prove itself. What the door cannot check by any secret is named, so that the refusal can say it. */
export type Credential =
  | { readonly kind: "password"; readonly password: string }
  | { readonly kind: "chap"; readonly proof: ChapProof }
  | { readonly kind: "unsupported"; readonly method: "EAP" | "MS-CHAP" | "ARAP" | "Digest" }
  | { readonly kind: "none" };

/** A request of a known client, verified, as the floor above sees it. */
export interface ClientRequest<Client> {
  readonly client: Client;
  /** The packet's source as text: IPv4, or IPv6 without zone. NAS-IP-Address is only what the client says of itself. */
  readonly sourceAddress: string;
  /** Names as FreeRADIUS has them, texts as it writes them; no password, proof or signature among them. */
  readonly attributes: AttributeValues;
  readonly receivedAtMs: number;
  /** When the client will have given up: what has not begun by then need not begin. */
  readonly deadlineMs: number;
}

export interface AccessRequest<Client> extends ClientRequest<Client> {
  readonly credential: Credential;
  /** Gives the place free that quick work holds: called before anything slow. */
  stepAside(): void;
  /**
   * Writes the Access-Accept with these attributes, in order. One that cannot be written is a fault of the whole, for it may
   * be the one that restricts. Asked before anything is kept of the decision, so that nobody is let in on paper alone.
   */
  write(attributes: readonly AttributeText[]): WrittenAccept;
}

/** A whole Access-Accept, or the sentence that says why there is none. */
export type WrittenAccept = { readonly bytes: Buffer } | { readonly fault: string };

/** What becomes of an Access-Request. `ignore` answers nothing: the client asks again, or asks another server. */
export type AccessAnswer =
  | {
      readonly code: "accept";
      /** What the request's `write` made. */
      readonly bytes: Buffer;
    }
  | {
      readonly code: "reject";
      /** Only Reply-Message goes out with a reject (RFC 2865 §5.44). */
      readonly attributes: readonly AttributeText[];
    }
  | { readonly code: "ignore" };

/** Whom the door hands its work to; `app.ts` fills it. */
export interface RadiusPorts<Client extends object> {
  /** Who may send from an address. Must be fast: every packet asks. */
  sourceOf(address: string): PacketSource<Client>;
  /** Who pays for a packet of a client, for a device: `station` is its Calling-Station-Id, empty where it says none. Every packet asks. */
  shareOf(client: Client, station: string): Share;
  /** Asked once for each object that `sourceOf` gives: a client that changed must be another object. */
  trustOf(client: Client): ClientTrust;
  authorize(request: AccessRequest<Client>): AtHand<AccessAnswer>;
  /** Resolves once the record is stored, or is known to need no storing; either is then acknowledged. A rejection is silence. */
  account(request: ClientRequest<Client>): Promise<"stored" | "ignored">;
}
