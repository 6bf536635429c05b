import { actorLabel } from "../../../kernel/caller.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { DebitStore } from "../../accounts/time-ledger/index.ts";

/** The session whose time is debited, as far as a debit needs to know it. */
export interface DebitedSession {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly userId: number | null;
  readonly acctSessionId: string;
  readonly burnedSeconds: number;
  readonly unbilledSeconds: number;
  readonly ledgerId: number | null;
}

/** What a session's time has come to. */
export interface DebitedTime {
  readonly burnedSeconds: number;
  readonly unbilledSeconds: number;
  readonly ledgerId: number | null;
  /** Whether the balance did not cover all of it. */
  readonly isEmpty: boolean;
}

/**
 * Debits a session's seconds from its user's balance. What the balance does not cover is kept as unbilled; who is not
 * metered owes nothing.
 */
export const debitTime = async (
  tx: Transaction<{ readonly debits: DebitStore }>,
  session: DebitedSession,
  seconds: number,
  isFinal: boolean,
): Promise<DebitedTime> => {
  const { burnedSeconds, unbilledSeconds, ledgerId, userId } = session;
  if (seconds <= 0 || userId === null) return { burnedSeconds, unbilledSeconds, ledgerId, isEmpty: false };
  const paid = await tx.debits.debit({
    nameSpaceId: session.nameSpaceId,
    organizationId: session.organizationId,
    userId,
    sessionId: session.id,
    seconds,
    ledgerId,
    hasDebited: burnedSeconds > 0,
    isFinal,
    reason: `session ${session.acctSessionId}`,
    actor: actorLabel(tx.caller.actor),
    nowMs: tx.nowMs,
  });
  const unbilled = paid.balance === null ? 0 : seconds - paid.seconds;
  return {
    burnedSeconds: burnedSeconds + paid.seconds,
    unbilledSeconds: unbilledSeconds + unbilled,
    ledgerId: paid.ledgerId,
    isEmpty: paid.balance === 0,
  };
};
