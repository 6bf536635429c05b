import type { Rejection } from "../../../aaa/words/access-decision.ts";
import type { AccessRequest } from "../../../aaa/words/access-request.ts";
import { classesOf } from "../../../aaa/words/attributes.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { type AaaClient, callerOfClient } from "../aaa-clients/index.ts";
import type { AccessFactsStore, AccountFacts } from "./access-facts.store.ts";
import { questionOf } from "./access-request.service.ts";
import type { Attempts } from "./deferred-attempts.service.ts";
import { bareName, type FindAccount, type FoundAccount } from "./find-account.stage.ts";
import type { GoodLogins } from "./good-login.service.ts";
import type { DecisionRecorder } from "./record-decision.stage.ts";
import type { ReservationStore } from "./reservation.store.ts";
import type { SessionTicket, SessionTickets } from "./session-ticket.ts";
import { guessOf } from "./verify-credential.stage.ts";

export interface PostAuthDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore; reservations: ReservationStore }>;
  readonly findAccount: FindAccount;
  readonly record: DecisionRecorder;
  readonly goodLogins: GoodLogins;
  readonly tickets: SessionTickets;
  readonly attempts: Pick<Attempts, "conclude">;
}

export type PostAuth = ReturnType<typeof createPostAuth>;

/** Takes the result of a credential that the server which asked has verified itself. */
export const createPostAuth = ({ work, findAccount, record, goodLogins, tickets, attempts }: PostAuthDependencies) => {
  /** Which of several namesakes was answered a moment ago stands in the ticket, whatever the name means by now. */
  const accountOf = async (found: FoundAccount, shown: readonly SessionTicket[]): Promise<AccountFacts | undefined> => {
    for (const { userId } of shown) {
      const account = await work.for(found.scope).accessFacts.findById(userId);
      if (account && bareName(account.username) === bareName(found.question.userName)) return account;
    }
    return typeof found.account === "string" ? undefined : found.account;
  };

  return {
    /**
     * An accept is noted as a login. A reject counts as a wrong password, and is kept as a decision of its own, and the device's reservation is removed: by the
     * ticket, because a device need not say which it is.
     */
    async conclude(request: Omit<AccessRequest<AaaClient>, "credential">, outcome: "accept" | "reject"): Promise<void> {
      const question = questionOf({ ...request, credential: "assumed" }, await record.begin());
      const found = await findAccount(question);
      const shown = classesOf(request.attributes).flatMap((text) => tickets.read(text) ?? []);
      const account = await accountOf(found, shown);
      if (account === undefined) return;
      attempts.conclude(guessOf({ ...found, account }), outcome === "accept" ? "right" : "wrong");
      if (outcome === "accept") {
        goodLogins.note(account, question.nowMs);
        return;
      }
      const decisionId = shown.find(({ userId }) => userId === account.id)?.decisionId ?? null;
      const { id: userId, namespaceId } = account;
      await work.run(callerOfClient(request.client, found.scope, `access-${question.decisionId}`), async (tx) => {
        await tx.reservations.confirm({ namespaceId, userId, clientId: request.client.id, station: question.station, decisionId });
      });
      record.keep(question, wrongCredential(account));
    },
  };
};

const wrongCredential = (account: AccountFacts): Rejection<AccountFacts> => ({
  outcome: "reject",
  account,
  reason: "wrong_credential",
  trace: [{ step: "credential", verdict: "refuse", detail: "The server that asked has checked the credential, and it is wrong." }],
});
