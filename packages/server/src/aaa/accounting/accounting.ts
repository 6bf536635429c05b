/** Who ended a session: its own Stop, or one of those who end it without knowing better; `client`: its client knew it no more. */
export type Closer = "stop" | "restart" | "reboot" | "reaper" | "client" | "operator";

/** A session that is known under the Acct-Session-Id of a packet, at the packet's client. */
export interface KnownSession {
  readonly id: number;
  readonly startMs: number;
  /** The latest event that was reported of it, by the client's clock. */
  readonly lastUpdateMs: number;
  /** When the mark was true, by this machine's clock: time after it has passed and was not reported yet. */
  readonly reportedAtMs: number;
  /** When anything new was heard of it, by this machine's clock. */
  readonly lastSeenAtMs: number;
  /** The greatest Acct-Session-Time reported: all of it has been debited. */
  readonly reportedSeconds: number;
  readonly inputOctets: number;
  readonly outputOctets: number;
  readonly stopMs: number | null;
  readonly closedBy: Closer | null;
  /** The event that closed it: of an Accounting-On, that packet's. */
  readonly closedAtMs: number | null;
}

export interface AccountingPacket {
  readonly kind: "start" | "interim" | "stop";
  readonly eventMs: number;
  readonly sentAtMs: number;
  /** Acct-Session-Time; undefined where the packet does not tell, and so for the octets (64 bit, RFC 2869 §5.1). */
  readonly seconds: number | undefined;
  readonly inputOctets: number | undefined;
  readonly outputOctets: number | undefined;
}

/** What a session has counted and until when. */
export interface Progress {
  readonly reportedSeconds: number;
  readonly inputOctets: number;
  readonly outputOctets: number;
  readonly lastUpdateMs: number;
  readonly reportedAtMs: number;
  readonly lastSeenAtMs: number;
}

/** What is to be made of a packet. */
export type AccountingRuling =
  | { readonly what: "ignore"; readonly session: KnownSession; readonly why: "late" | "repeated" }
  | {
      readonly what: "begin";
      readonly startMs: number;
      readonly progress: Progress;
      readonly debitSeconds: number;
      readonly isStopped: boolean;
      /** The session that this one has replaced: it ends at its last update. */
      readonly replaced: KnownSession | undefined;
    }
  | {
      readonly what: "advance";
      readonly session: KnownSession;
      readonly progress: Progress;
      readonly debitSeconds: number;
      /** `stop`: it ends now. `reopen`: it lives after all. `extend`: it stays closed, later. */
      readonly fate: "live" | "stop" | "reopen" | "extend";
    };

/** Within this time the same Start or Stop arriving again is the same: its event time may come from arrival and delay. */
const sameEventMs = 5_000;
/** A Stop tells more of itself: with the same counters it is the same for as long as equipment repeats a packet (RFC 5080 §2.2.1). */
const sameStopMs = 30_000;

/**
 * Decides what a packet means for the sessions that its client has had under its Acct-Session-Id: the open one, and the
 * latest closed ones. Acct-Session-Id alone repeats after a reboot, so that a session is known by when it began: the
 * packet's event time less its session time. Replays, duplicates and disorder debit nothing, for time is debited above the
 * mark alone.
 */
export const ruleOn = (packet: AccountingPacket, known: readonly KnownSession[]): AccountingRuling => {
  const session = owner(
    packet,
    known.filter((one) => fits(packet, one)),
  );
  if (!session) return begin(packet, known);
  if (session.closedBy === "stop") return { what: "ignore", session, why: "late" };
  if (packet.kind === "start" && session.stopMs !== null) return { what: "ignore", session, why: "late" };
  const progress = advanced(packet, session);
  const fate = packet.kind === "stop" ? "stop" : session.stopMs === null ? "live" : afterClose(packet, session, known);
  if (fate !== "stop" && fate !== "reopen" && !isNews(progress, session)) return { what: "ignore", session, why: "repeated" };
  return { what: "advance", session, progress, debitSeconds: progress.reportedSeconds - session.reportedSeconds, fate };
};

const impliedStart = (packet: AccountingPacket): number => packet.eventMs - (packet.seconds ?? 0) * 1000;

/** Whether a packet can belong to a session. With a real Stop all that began before it is over. */
const fits = (packet: AccountingPacket, session: KnownSession): boolean =>
  session.closedBy === "stop" ? impliedStart(packet) <= session.stopMs! || repeatsStop(packet, session) : !showsRestart(packet, session);

/**
 * A restart is told by a Start, by a counter that fell, or by so high a counter that, going by arrival too, it began
 * after the session was last heard of; and always only if it began after the session's last update.
 */
const showsRestart = (packet: AccountingPacket, session: KnownSession): boolean => {
  const began = impliedStart(packet);
  if (began <= session.lastUpdateMs) return false;
  if (packet.kind === "start") return !(session.reportedSeconds === 0 && began - session.startMs <= sameEventMs);
  if (packet.seconds === undefined) return false;
  return packet.seconds < session.reportedSeconds || packet.sentAtMs - packet.seconds * 1000 > session.lastSeenAtMs + sameEventMs;
};

const repeatsStop = (packet: AccountingPacket, session: KnownSession): boolean =>
  packet.kind === "stop" &&
  (packet.seconds ?? session.reportedSeconds) === session.reportedSeconds &&
  (packet.inputOctets ?? session.inputOctets) === session.inputOctets &&
  (packet.outputOctets ?? session.outputOctets) === session.outputOctets &&
  Math.abs(impliedStart(packet) - session.startMs) <= sameStopMs;

/**
 * Of several sessions that fit, the open one, where the packet tells of a moment after that began: all others were over by
 * then. It may have begun later than the packet says: by a Start that its equipment repeated as if it had just happened. Only
 * a Stop that is known already may be another one's.
 */
const owner = (packet: AccountingPacket, sessions: readonly KnownSession[]): KnownSession | undefined => {
  const open = sessions.find((session) => session.stopMs === null);
  if (open === undefined || packet.eventMs <= open.startMs) return nearest(packet, sessions);
  const stopped = sessions.find((session) => session.closedBy === "stop" && repeatsStop(packet, session));
  return stopped === undefined ? open : nearest(packet, [stopped, open]);
};

/** Of several sessions that fit, the one that began when the packet says; without a session time, the open or latest one. */
const nearest = (packet: AccountingPacket, sessions: readonly KnownSession[]): KnownSession | undefined => {
  const tells = packet.kind === "start" || packet.seconds !== undefined;
  const distance = (session: KnownSession) => (tells ? Math.abs(impliedStart(packet) - session.startMs) : 0);
  const isNewer = (a: KnownSession, b: KnownSession) =>
    (a.stopMs === null) === (b.stopMs === null) ? a.startMs > b.startMs : a.stopMs === null;
  return sessions.reduce<KnownSession | undefined>((best, session) => {
    if (best === undefined) return session;
    const difference = distance(session) - distance(best);
    return difference < 0 || (difference === 0 && isNewer(session, best)) ? session : best;
  }, undefined);
};

const begin = (packet: AccountingPacket, known: readonly KnownSession[]): AccountingRuling => ({
  what: "begin",
  startMs: impliedStart(packet),
  progress: {
    reportedSeconds: packet.seconds ?? 0,
    inputOctets: packet.inputOctets ?? 0,
    outputOctets: packet.outputOctets ?? 0,
    lastUpdateMs: packet.eventMs,
    reportedAtMs: packet.sentAtMs,
    lastSeenAtMs: packet.sentAtMs,
  },
  debitSeconds: packet.seconds ?? 0,
  isStopped: packet.kind === "stop",
  replaced: known.find((session) => session.stopMs === null),
});

/** Counters never fall, and empty ones keep the last; the clock of the mark moves with the mark alone. */
const advanced = (packet: AccountingPacket, session: KnownSession): Progress => {
  const grows = packet.seconds !== undefined && packet.seconds > session.reportedSeconds;
  return {
    reportedSeconds: grows ? packet.seconds : session.reportedSeconds,
    inputOctets: Math.max(session.inputOctets, packet.inputOctets ?? 0),
    outputOctets: Math.max(session.outputOctets, packet.outputOctets ?? 0),
    lastUpdateMs: Math.max(session.lastUpdateMs, packet.eventMs),
    reportedAtMs: grows ? Math.max(session.reportedAtMs, packet.sentAtMs) : session.reportedAtMs,
    lastSeenAtMs: Math.max(session.lastSeenAtMs, packet.sentAtMs),
  };
};

/** Whether a packet tells more than was known; to have heard of a session again is none. */
const isNews = (progress: Progress, session: KnownSession): boolean =>
  progress.reportedSeconds > session.reportedSeconds ||
  progress.inputOctets > session.inputOctets ||
  progress.outputOctets > session.outputOctets ||
  progress.lastUpdateMs > session.lastUpdateMs;

/**
 * A session that someone closed without a Stop lives after all when its client still reports it, unless another one has
 * begun under the same id, or the report is from before the client said that it had restarted.
 */
const afterClose = (packet: AccountingPacket, session: KnownSession, known: readonly KnownSession[]): "reopen" | "extend" => {
  if (session.closedBy === "restart" || known.some((other) => other.stopMs === null || other.startMs > session.startMs)) return "extend";
  return session.closedBy === "reboot" && packet.eventMs <= session.closedAtMs! ? "extend" : "reopen";
};
