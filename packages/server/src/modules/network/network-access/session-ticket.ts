import type { Signer } from "../../foundation/keys/index.ts";

/** What an Access-Accept gives to the equipment in Class, and receives again with each accounting packet. */
export interface SessionTicket {
  readonly decisionId: number;
  readonly userId: number;
  readonly interimSeconds: number;
  /** Null where nothing limits the session. */
  readonly timeoutSeconds: number | null;
}

export interface SessionTickets {
  write(ticket: SessionTicket): string;
  /** The ticket in a Class; undefined for one that is cut, or of another server. */
  read(text: string): SessionTicket | undefined;
}

const version = "gh1";

/**
 * Class values (RFC 2865 §5.25), signed, so that equipment cannot make a session that belongs to another user. The outer name
 * of an EAP session need not be the user's; the ticket says whose it is.
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
