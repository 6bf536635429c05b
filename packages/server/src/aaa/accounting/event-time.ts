/** What a packet tells of when its event happened. */
export interface PacketTimes {
  readonly arrivalMs: number;
  /** Event-Timestamp (RFC 2869 §5.3). */
  readonly eventTimestampMs: number | undefined;
  /** Acct-Delay-Time (RFC 2866 §5.2): how long the client has been trying to tell. */
  readonly delaySeconds: number | undefined;
}

const mostAheadMs = 5 * 60_000;
const mostBackMs = 7 * 24 * 3_600_000;

/** When the client first tried to send the packet, by this machine's clock. */
export const sentAtMs = ({ arrivalMs, delaySeconds = 0 }: PacketTimes): number =>
  arrivalMs - Math.min(Math.max(0, delaySeconds) * 1000, mostBackMs);

/**
 * When the event of a packet happened: its Event-Timestamp where that is sane (at most 5 minutes ahead, 7 days back),
 * for clocks of network equipment start anywhere; else the arrival less the delay.
 */
export const eventTimeMs = (times: PacketTimes): number => {
  const { arrivalMs, eventTimestampMs: told } = times;
  const isSane = told !== undefined && told <= arrivalMs + mostAheadMs && told >= arrivalMs - mostBackMs;
  return isSane ? told : sentAtMs(times);
};
