import { decide } from "../../../aaa/authorization/decide.ts";
import type { Acceptance, Rejection, RejectReason } from "../../../aaa/words/access-decision.ts";
import type { AccessAnswer, AccessRequest, EncodedReply, ReplyContext } from "../../../aaa/words/access-request.ts";
import { type AttributeItem, firstOf, stationOf } from "../../../aaa/words/attributes.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { ConstraintViolation } from "../../../storage/database.ts";
import { type AaaClient, callerOfClient, payerOfClient } from "../aaa-clients/index.ts";
import { NotKnown, noDecision } from "./access-decision.ts";
import type { AccessFactsStore, AccountFacts } from "./access-facts.store.ts";
import type { AccessStages } from "./access-stages.ts";
import type { LoadedFacts } from "./load-facts.stage.ts";
import type { DecisionRecorder, Moment, RecordedQuestion } from "./record-decision.stage.ts";
import { type ReservationStore, reservationMs } from "./reservation.store.ts";
import type { SessionTickets } from "./session-ticket.ts";

export interface NetworkAccessDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore; reservations: ReservationStore }>;
  readonly stages: AccessStages;
  readonly record: DecisionRecorder;
  readonly tickets: SessionTickets;
  /** Encodes the reply for a packet that is written in this process. */
  encode(reply: readonly AttributeItem[], context: ReplyContext): EncodedReply;
  /** Whether a client is still served, for the same organization. */
  isServed(client: AaaClient): boolean;
}

export type NetworkAccess = ReturnType<typeof createNetworkAccess>;

/** How often an account is found again that changes between the decision and its reservation. */
const maxAttempts = 10;

/** Reply-Message by reject reason. A wrong credential reveals nothing about the account. */
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
  too_many_sessions: "You have reached your device limit.",
  reply_unwritable: "Your account may not connect.",
};

/** Answers Access-Requests of network equipment, whichever way they came. */
export const createNetworkAccess = ({ work, stages, record, tickets, encode, isServed }: NetworkAccessDependencies) => {
  const { findAccount, verifyCredential, findAgain, loadFacts } = stages;

  /**
   * Makes a reservation where sessions are counted. `full`: another device took the last place since they were counted;
   * `moved`: the account has changed since.
   */
  const reserve = async (
    client: AaaClient,
    loaded: LoadedFacts,
    accepted: Accepted,
    moment: Moment,
  ): Promise<"made" | "full" | "moved"> => {
    // The client may have been removed, or given to another organization, while its request waited.
    if (!isServed(client)) throw new NotKnown(loaded);
    const { account, maxSessions } = accepted;
    if (maxSessions === undefined && account.seconds === null) return "made";
    const { decisionId, nowMs } = moment;
    const { namespaceId, id: userId } = account;
    const device = { namespaceId, userId, clientId: client.id, station: loaded.question.station };
    try {
      return await work.run(callerOfClient(client, loaded.scope, `access-${decisionId}`), async (tx) => {
        if (maxSessions !== undefined) {
          if (!(await tx.reservations.lockUser(namespaceId, userId))) return "moved";
          const counted = await tx.accessFacts.countSessions({ ...device, nowMs });
          if (counted?.version !== account.version) return "moved";
          if (counted.live + counted.reserved >= maxSessions) return "full";
        }
        await tx.reservations.make({
          ...device,
          decisionId,
          expiresAtMs: nowMs + reservationMs,
          interimSeconds: accepted.interimSeconds ?? null,
          timeoutSeconds: accepted.sessionTimeoutSeconds ?? null,
        });
        return "made";
      });
    } catch (error) {
      // The account was deleted a moment ago.
      if (error instanceof ConstraintViolation && error.isReference) return "moved";
      throw error;
    }
  };

  const classOf = ({ account, interimSeconds = 0, sessionTimeoutSeconds }: Accepted, { decisionId }: Moment): AttributeItem => {
    const ticket = { decisionId, userId: account.id, interimSeconds, timeoutSeconds: sessionTimeoutSeconds ?? null };
    return { attribute: "Class", op: "+=", value: tickets.write(ticket) };
  };

  const reject = async (question: RecordedQuestion, loaded: LoadedFacts, decision: Rejected, fault?: string): Promise<AccessAnswer> => {
    await record.rejected(question, decision, loaded);
    return { outcome: "reject", decisionId: question.decisionId, message: messages[decision.reason], fault };
  };

  return {
    /**
     * Answers an Access-Request. Where another device took the last place meanwhile it is decided once more, and then sees the
     * winner; where the account changed, by what it is now. Throws where the database or the hashing cannot keep up, and
     * `NotKnown`, which is kept: then nobody is answered, and the equipment asks again.
     */
    async authorize(request: AccessRequest<AaaClient>): Promise<AccessAnswer> {
      const question = questionOf(request, await record.begin(request.client));
      try {
        let account = await verifyCredential(await findAccount(question));
        for (let attempt = 1; ; attempt += 1) {
          const loaded = await loadFacts(account, question.nowMs);
          const decision = decide(loaded.facts);
          if (decision.outcome === "reject") return await reject(question, loaded, decision);
          const reply = [...decision.reply, classOf(decision, question)];
          const encoded = request.replyContext ? encode(reply, request.replyContext) : notEncoded;
          if ("fault" in encoded) return await reject(question, loaded, unwritable(decision, encoded.fault), encoded.fault);
          const reservation = await reserve(request.client, loaded, decision, question);
          if (reservation === "made") {
            record.accepted(question, decision, loaded);
            const { decisionId } = question;
            return { outcome: "accept", decisionId, reply, octets: encoded.octets, secret: loaded.verified.secret };
          }
          if (reservation === "full" && attempt > 1) return await reject(question, loaded, lostPlace(decision));
          if (attempt >= maxAttempts) throw new NotKnown(loaded);
          account = await findAgain(loaded);
        }
      } catch (error) {
        if (error instanceof NotKnown) record.keep(question, noDecision(error));
        throw error;
      }
    },
  };
};

type Accepted = Acceptance<AccountFacts>;
type Rejected = Rejection<AccountFacts>;

const notEncoded = { octets: undefined };

/** An Access-Request as a question. Inside the organization the client pays, and there the device: an old password in one phone delays no other. */
export const questionOf = (
  request: Pick<AccessRequest<AaaClient>, "client" | "source" | "userName" | "attributes" | "isWanted" | "stepAside"> & {
    readonly credential: RecordedQuestion["credential"];
  },
  moment: Moment,
): RecordedQuestion => {
  const { client, source, userName, credential, attributes, isWanted, stepAside } = request;
  const callingStation = firstOf(attributes, "Calling-Station-Id");
  const device = stationOf(callingStation);
  const payer = payerOfClient(client);
  return {
    ...moment,
    source,
    namespaceId: client.namespaceId,
    organizationId: client.organizationId,
    clientId: client.id,
    userName,
    credential,
    attributes,
    callingStation,
    // A device that does not say which it is stands for itself alone: two of them never share a reservation.
    station: device || `#${moment.decisionId}`,
    payer: [payer, callingStation ?? ""],
    place: payer,
    device,
    isWanted,
    stepAside,
  };
};

const unwritable = ({ account, trace }: Accepted, fault: string): Rejected => ({
  outcome: "reject",
  account,
  reason: "reply_unwritable",
  trace: [...trace, { step: "answer", verdict: "refuse", detail: `The answer cannot be written: ${fault}` }],
});

const lostPlace = ({ account, trace }: Accepted): Rejected => ({
  outcome: "reject",
  account,
  reason: "too_many_sessions",
  trace: [...trace, { step: "reservation", verdict: "refuse", detail: "Another device took the last place at the same moment." }],
});
