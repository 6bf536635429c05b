import type { Acceptance, AccessDecision, RejectReason } from "../../../aaa/authorization/decision.ts";
import { type AttributeItem, classesOf, firstOf, stationOf, storableText } from "../../../aaa/words/attributes.ts";
import { type AtHand, whenAtHand } from "../../../kernel/at-hand.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { ConstraintViolation } from "../../../storage/database.ts";
import { type AaaClient, callerOfClient, payerOfClient } from "../aaa-clients/index.ts";
import { type AccessDecisionRecord, type KeptDecision, notKnown } from "./access-decision.ts";
import type { AccessFactsStore, AccountFacts } from "./access-facts.store.ts";
import type { AccessGathering, Asked } from "./access-gathering.ts";
import type { AccessJournal } from "./access-journal.ts";
import type { AccessAnswer, AccessRequest } from "./access-request.ts";
import { type ReservationStore, reservationMs } from "./reservation.store.ts";
import { bareName } from "./account-lookup.ts";
import type { GoodLogins } from "./good-logins.ts";
import { NotKnown } from "./not-known.ts";
import type { RefusalPace } from "./refusal-pace.ts";
import type { SessionTicket, SessionTickets } from "./session-ticket.ts";

export interface NetworkAccessStores {
  readonly accessFacts: AccessFactsStore;
  readonly reservations: ReservationStore;
}

export interface NetworkAccessDependencies {
  readonly work: Work<NetworkAccessStores>;
  /** The time, and an id for the decision. */
  moment(): AtHand<Moment>;
  readonly gathering: AccessGathering;
  readonly journal: AccessJournal;
  readonly goodLogins: GoodLogins;
  readonly pace: RefusalPace;
  readonly tickets: SessionTickets;
  /** Whether a client is still served, for the same organization. */
  isServed(client: AaaClient): boolean;
}

export type NetworkAccess = ReturnType<typeof createNetworkAccess>;

/** How often an account is looked at that changes between the decision and its reservation. */
const mostAttempts = 10;

/** What who is refused is told: nothing about an account to who is wrong about its credential. */
const messages: Readonly<Record<RejectReason, string>> = {
  unknown_realm: "Wrong username or password.",
  unknown_user: "Wrong username or password.",
  ambiguous_user: "Wrong username or password.",
  no_credential: "Wrong username or password.",
  wrong_credential: "Wrong username or password.",
  no_reversible_secret: "Wrong username or password.",
  inactive: "Your account is not active.",
  expired: "Your account has expired.",
  no_time_left: "Your time is used up.",
  profile_refuses: "Your account may not connect.",
  check_failed: "You may not connect here.",
  too_many_sessions: "You are connected with as many devices as you may.",
  reply_unwritable: "Your account may not connect.",
};

/** Decides for network equipment: gathers facts, walks the table, takes a reservation, and keeps the trace. */
export const createNetworkAccess = (deps: NetworkAccessDependencies) => {
  const { work, gathering, journal } = deps;

  /** Takes a reservation where sessions are counted. `full`: another device has taken the last one since they were; `moved`: the account changed since. */
  const reserve = (request: AccessRequest, asked: Asked, accepted: Acceptance, { decisionId, nowMs }: Moment): AtHand<ReservationResult> => {
    const { nameSpaceId, id: userId, version } = asked.account as AccountFacts;
    const { mostSessions } = accepted;
    if (mostSessions === undefined && accepted.user.seconds === null) return "taken";
    const device = { nameSpaceId, userId, clientId: request.client.id, station: asked.station };
    const reservation = {
      ...device,
      decisionId,
      expiresAtMs: nowMs + reservationMs,
      interimSeconds: accepted.interimSeconds ?? null,
      timeoutSeconds: accepted.sessionTimeoutSeconds ?? null,
    };
    const taking = work.run(callerOfClient(request.client, asked.scope, `access-${decisionId}`), async (tx): Promise<ReservationResult> => {
      if (mostSessions !== undefined) {
        if (!(await tx.reservations.lockUser(nameSpaceId, userId))) return "moved";
        const counted = await tx.accessFacts.countSessions({ ...device, nowMs });
        if (counted?.version !== version) return "moved";
        if (counted.live + counted.reserved >= mostSessions) return "full";
      }
      await tx.reservations.make(reservation);
      return "taken";
    });
    return taking.catch((error: unknown) => {
      // A reservation is nobody's whose account was deleted a moment ago.
      if (error instanceof ConstraintViolation && error.isReference) return "moved";
      throw error;
    });
  };

  /**
   * Walks the table, has the answer written, and takes a reservation. Where somebody was faster it is walked once more, and that
   * time it sees who; where the account changed, by what it is now.
   */
  const settle = (request: AccessRequest, asking: Asked, moment: Moment, attempt = 1): AtHand<Settled> =>
    whenAtHand(gathering.decide(asking, moment.nowMs), ({ asked, decision }) => {
      if (decision.outcome === "reject") return { asked, decision, reply: none };
      // The client may have been removed, or given to others, while its request waited.
      if (!deps.isServed(request.client)) throw new NotKnown(asked);
      const reply = [...decision.reply, ticketOf(asked.account as AccountFacts, decision, moment.decisionId)];
      const fault = request.write?.(reply);
      if (fault !== undefined) return { asked, decision: unwritable(decision, fault), reply: none };
      return whenAtHand(reserve(request, asked, decision, moment), (taking): AtHand<Settled> => {
        if (taking === "taken") return { asked, decision, reply };
        if (taking === "full" && attempt > 1) return { asked, decision: lostPlace(decision), reply: none };
        if (attempt >= mostAttempts) throw new NotKnown(asked);
        return whenAtHand(gathering.askAgain(asked), (again) => settle(request, again, moment, attempt + 1));
      });
    });

  /** Which of several namesakes was answered a moment ago stands in the ticket, whatever the name means by now. */
  const asTold = async (asked: Asked, tickets: readonly SessionTicket[]): Promise<Asked> => {
    for (const { userId } of tickets) {
      const account = await work.for(asked.scope).accessFacts.findById(userId);
      if (account && bareName(account.username) === bareName(asked.question.userName)) return { ...asked, account };
    }
    return asked;
  };

  /** Keeps what was decided, and says it to who asked: who is wrong about the credential hears it at the common step. */
  const answer = (request: AccessRequest, { asked, decision, reply }: Settled, moment: Moment): AtHand<AccessAnswer> => {
    const { nowMs, decisionId } = moment;
    journal.addDecision(recordOf(request, asked, decision, moment));
    if (decision.outcome === "reject") {
      const refusal: AccessAnswer = { outcome: "reject", decisionId, message: messages[decision.reason] };
      return whenAtHand(deps.pace.reached(asked, nowMs), () => refusal);
    }
    const account = asked.account as AccountFacts;
    // A deferred credential is judged by who asks, who tells what came of it.
    if (asked.judged.facts.verdict !== "deferred") deps.goodLogins.note(account, nowMs, asked.judged.verified);
    return { outcome: "accept", decisionId, reply, secret: asked.judged.secret };
  };

  return {
    /**
     * Answers an Access-Request. Throws where the database or the hashing cannot keep up, and `NotKnown`, which is kept: then
     * nobody is answered, and equipment asks again.
     */
    authorize(request: AccessRequest): AtHand<AccessAnswer> {
      return whenAtHand(deps.moment(), (moment) => {
        const { client, userName, credential, attributes } = request;
        const question = {
          organizationId: client.organizationId,
          clientId: client.id,
          userName,
          credential,
          attributes,
          // A device that does not say which it is stands for itself alone: two of them never share a reservation.
          nameless: `#${moment.decisionId}`,
          ...payerOf(request),
        };
        return orElse(
          () =>
            whenAtHand(gathering.ask(question), (asked) =>
              whenAtHand(settle(request, asked, moment), (settled) => answer(request, settled, moment)),
            ),
          (error) => {
            if (error instanceof NotKnown) journal.addDecision(recordOf(request, error.found, notKnown, moment));
            throw error;
          },
        );
      });
    },

    /**
     * What a server that checked a credential itself has made of it. A login is noted; a refusal is kept as a decision of
     * its own, and the reservation that the device was given is free again: by the ticket, for a device need not say which it is.
     */
    async conclude(request: AccessRequest, outcome: "accept" | "reject"): Promise<void> {
      const moment = await deps.moment();
      const { client, userName, attributes } = request;
      const nameless = `#${moment.decisionId}`;
      const place = { organizationId: client.organizationId, clientId: client.id };
      const tickets = classesOf(attributes).flatMap((text) => deps.tickets.read(text) ?? []);
      const question = { ...place, userName, credential: "assumed", attributes, nameless, ...payerOf(request) } as const;
      const asked = await asTold(await gathering.ask(question), tickets);
      if (typeof asked.account === "string") return;
      const { account, station, scope } = asked;
      if (outcome === "accept") {
        deps.goodLogins.note(account, moment.nowMs);
        return;
      }
      const ticket = tickets.find(({ userId }) => userId === account.id);
      await work.run(callerOfClient(client, scope, `access-${moment.decisionId}`), async (tx) => {
        await tx.reservations.confirm({
          nameSpaceId: account.nameSpaceId,
          userId: account.id,
          clientId: client.id,
          station,
          decisionId: ticket?.decisionId ?? null,
        });
      });
      const detail = "The server that asked has checked the credential, and it is wrong.";
      const decision: AccessDecision = {
        outcome: "reject",
        reason: "wrong_credential",
        trace: [{ step: "credential", verdict: "refuse", detail }],
      };
      journal.addDecision(recordOf(request, asked, decision, moment));
    },
  };

  function ticketOf(account: AccountFacts, decision: Acceptance, decisionId: number): AttributeItem {
    const { interimSeconds = 0, sessionTimeoutSeconds: timeoutSeconds = null } = decision;
    return { attribute: "Class", op: "+=", value: deps.tickets.write({ decisionId, userId: account.id, interimSeconds, timeoutSeconds }) };
  }
};

/** Inside the organization the client pays, and there the device: an old password in one phone is no trouble of its campus. */
const payerOf = ({ client, attributes, isWanted, stepAside }: AccessRequest) => ({
  payer: payerOfClient(client),
  source: firstOf(attributes, "Calling-Station-Id") ?? "",
  place: payerOfClient(client),
  device: stationOf(firstOf(attributes, "Calling-Station-Id")),
  isWanted,
  stepAside,
});

/** When a decision is made, and what it is called. */
export interface Moment {
  readonly nowMs: number;
  readonly decisionId: number;
}

type ReservationResult = "taken" | "full" | "moved";

/** A decision, what it was made of, and what goes out for it; nothing where nobody is let in. */
interface Settled {
  readonly asked: Asked;
  readonly decision: AccessDecision;
  readonly reply: readonly AttributeItem[];
}

const none: readonly AttributeItem[] = [];

const unwritable = ({ trace }: Acceptance, fault: string): AccessDecision => ({
  outcome: "reject",
  reason: "reply_unwritable",
  trace: [...trace, { step: "answer", verdict: "refuse", detail: `The answer cannot be written: ${fault}` }],
});

const lostPlace = ({ trace }: Acceptance): AccessDecision => ({
  outcome: "reject",
  reason: "too_many_sessions",
  trace: [...trace, { step: "reservation", verdict: "refuse", detail: "Another device took the last reservation at the same moment." }],
});

/** Says what became of a value, now or later, where it cannot be had. */
const orElse = <T>(get: () => AtHand<T>, otherwise: (error: unknown) => never): AtHand<T> => {
  try {
    const value = get();
    return value instanceof Promise ? value.catch(otherwise) : value;
  } catch (error) {
    return otherwise(error);
  }
};

const recordOf = (
  request: AccessRequest,
  { account }: Pick<Asked, "account">,
  decision: KeptDecision,
  moment: Moment,
): AccessDecisionRecord => {
  const known = typeof account === "string" ? undefined : account;
  const place: Pick<AaaClient | AccountFacts, "nameSpaceId" | "organizationId"> = known ?? request.client;
  return {
    id: moment.decisionId,
    nameSpaceId: place.nameSpaceId,
    organizationId: place.organizationId,
    createdAtMs: moment.nowMs,
    clientId: request.client.id,
    userId: known?.id ?? null,
    username: storableText(request.userName),
    callingStation: storableText(firstOf(request.attributes, "Calling-Station-Id")),
    source: request.source,
    outcome: decision.outcome,
    reason: decision.outcome === "reject" ? decision.reason : null,
    sessionTimeoutSeconds: decision.outcome === "accept" ? (decision.sessionTimeoutSeconds ?? null) : null,
    reply: decision.outcome === "accept" ? decision.reply : [],
    trace: decision.trace,
  };
};
