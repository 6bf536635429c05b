import { actorLabel } from "../../../kernel/caller.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { BurnStore } from "../../accounts/time-ledger/index.ts";

/** The session whose time is burned, as far as burning needs to know it. */
export interface BurningSession {
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
export interface Burned {
  readonly burnedSeconds: number;
  readonly unbilledSeconds: number;
  readonly ledgerId: number | null;
  /** Whether the balance did not cover all of it. */
  readonly isEmpty: boolean;
}

/**
 * Burns seconds of a session out of its user's balance. What the balance does not cover is kept as unbilled; who is not
 * metered owes nothing.
 */
export const burnTime = async (
  tx: Transaction<{ readonly burns: BurnStore }>,
  session: BurningSession,
  seconds: number,
  isFinal: boolean,
): Promise<Burned> => {
  const { burnedSeconds, unbilledSeconds, ledgerId, userId } = session;
  if (seconds <= 0 || userId === null) return { burnedSeconds, unbilledSeconds, ledgerId, isEmpty: false };
  const paid = await tx.burns.burn({
    nameSpaceId: session.nameSpaceId,
    organizationId: session.organizationId,
    userId,
    sessionId: session.id,
    seconds,
    ledgerId,
    hasBurned: burnedSeconds > 0,
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
