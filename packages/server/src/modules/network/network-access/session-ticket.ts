import type { Signer } from "../../foundation/keys/index.ts";

/** What an Accept hands to the equipment in Class, and gets back with each accounting packet. */
export interface SessionTicket {
  readonly decisionId: number;
  readonly userId: number;
  readonly interimSeconds: number;
  /** Null where nothing limits the session. */
  readonly timeoutSeconds: number | null;
}

export interface SessionTickets {
  write(ticket: SessionTicket): string;
  /** What a Class says, if it is ours and whole; it may be another server's, or cut. */
  read(text: string): SessionTicket | undefined;
}

const version = "gh1";

/**
 * Class values (RFC 2865 §5.25) of our own, signed: equipment cannot make a session that belongs to another user, and
 * the outer name of an EAP session need not be the user's.
 */
export const createSessionTickets = (signer: Signer): SessionTickets => ({
  write({ decisionId, userId, interimSeconds, timeoutSeconds }) {
    const numbers = [decisionId, userId, interimSeconds, timeoutSeconds ?? 0].map((number) => number.toString(36));
    const text = [version, ...numbers].join(".");
    return `${text}.${signer.sign(text)}`;
  },
  read(text) {
    const match = /^(gh1\.([\da-z]{1,11})\.([\da-z]{1,11})\.([\da-z]{1,11})\.([\da-z]{1,11}))\.([\w-]{16})$/.exec(text);
    if (!match || !signer.isSignedBy(match[1]!, match[6]!)) return undefined;
    const [decisionId, userId, interimSeconds, timeoutSeconds] = match.slice(2, 6).map((part) => Number.parseInt(part, 36));
    return { decisionId: decisionId!, userId: userId!, interimSeconds: interimSeconds!, timeoutSeconds: timeoutSeconds || null };
  },
});
