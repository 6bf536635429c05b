import type { AccessAnswer, AccessRequest } from "../../aaa/words/access-request.ts";
import type { AccountingRequest } from "../../aaa/words/accounting-record.ts";
import type { Share } from "../../kernel/fair-line.ts";

/** What the RADIUS server must know of an AAA client. */
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

/** Who may send from an address: at most one client, or, where the address is shared, those among whom the secret chooses. */
export interface PacketSource<Client> {
  readonly clients: readonly Client[];
  /** Requests then count only with a Message-Authenticator, whatever their client says. */
  readonly isShared: boolean;
}

/** What the RADIUS server asks of the modules; composition fills it. */
export interface RadiusPorts<Client extends object> {
  /** Who may send from an address. Must be fast: every packet asks. */
  sourceOf(address: string): PacketSource<Client>;
  /** Who pays for a packet of a client, for a device: `station` is its Calling-Station-Id, empty where it says none. Every packet asks. */
  shareOf(client: Client, station: string): Share;
  /** Asked once for each object that `sourceOf` gives: a client that changed must be another object. */
  trustOf(client: Client): ClientTrust;
  /** Rejects where nothing could be decided: then nobody is answered, and the client asks again. */
  authorize(request: AccessRequest<Client>): Promise<AccessAnswer>;
  /** Resolves once the record is stored, or is known to need no storing; either is then acknowledged. A rejection is silence. */
  account(request: AccountingRequest<Client>): Promise<"stored" | "ignored">;
}
