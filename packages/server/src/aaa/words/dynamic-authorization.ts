/** An attribute of a request by its FreeRADIUS name, with the text of its value. */
export interface RequestAttribute {
  readonly name: string;
  readonly value: string;
}

/** What every request to a NAS says: where the NAS takes it, and which session it is about. */
interface SessionRequest {
  /** The address of the NAS, IPv4 or IPv6, and its port for such requests, 3799 where nothing else is known. */
  readonly address: string;
  readonly port: number;
  /** The secret shared with the NAS, 1 to 1,024 octets. */
  readonly secret: string | Uint8Array;
  /** The attributes that identify the session and its NAS, and no others (RFC 5176 §3). */
  readonly session: readonly RequestAttribute[];
}

/** A Disconnect-Request: the NAS shall end a session (RFC 5176 §2.1). */
export interface DisconnectRequest extends SessionRequest {
  readonly kind: "disconnect";
  readonly changes?: readonly [];
}

/** A CoA-Request: the NAS shall change what it granted to a session (RFC 5176 §2.2). */
export interface CoaRequest extends SessionRequest {
  readonly kind: "coa";
  readonly changes: readonly RequestAttribute[];
}

/** A request of dynamic authorization: what Gatehouse asks of a NAS without being asked. */
export type DynamicAuthorizationRequest = CoaRequest | DisconnectRequest;

/** What became of a request. An ACK is the word of the NAS, and no proof that the session ended or changed. */
export type DynamicAuthorizationOutcome =
  | { readonly kind: "CoA-ACK" | "Disconnect-ACK" }
  | { readonly kind: "CoA-NAK" | "Disconnect-NAK"; readonly errorCause: number | undefined }
  /** No transmission was answered. */
  | { readonly kind: "timeout" }
  /** The network or the NAS says that nobody listens; the system's code, such as ECONNREFUSED. */
  | { readonly kind: "unreachable"; readonly code: string }
  /** Nothing was sent; the sentence says why. */
  | { readonly kind: "unsendable"; readonly fault: string };

/** Sends requests to NASes: the dynamic authorization client of RFC 5176 §1.3. */
export interface DynamicAuthorizationClient {
  /** Resolves with the outcome, at the latest after all retransmissions; never rejects. */
  send(request: DynamicAuthorizationRequest): Promise<DynamicAuthorizationOutcome>;
}

/** Values of Error-Cause (RFC 5176 §3.5). */
export const errorCauses = { unsupportedAttribute: 401, sessionContextNotFound: 503 } as const;
