import type { RejectReason } from "../../../aaa/authorization/decision.ts";
import { storableText } from "../../../aaa/words/attributes.ts";
import type { AtHand } from "../../../kernel/at-hand.ts";
import { actorLabel, type Caller } from "../../../kernel/caller.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { User, UserStore } from "../../accounts/users/index.ts";
import { type KeptDecision, notKnown } from "./access-decision.ts";
import type { AccountFacts } from "./access-facts.store.ts";
import type { AccessGathering, AccessQuestion, Decided, Found } from "./access-gathering.ts";
import type { AccessJournal } from "./access-journal.ts";
import type { GoodLogins } from "./good-logins.ts";
import type { Moment } from "./network-access.service.ts";
import { NotKnown } from "./not-known.ts";
import type { RefusalPace } from "./refusal-pace.ts";

export interface AppLoginDependencies {
  readonly work: Work<{ users: UserStore }>;
  /** The time, and an id for the decision. */
  moment(): AtHand<Moment>;
  readonly gathering: AccessGathering;
  readonly journal: AccessJournal;
  readonly goodLogins: GoodLogins;
  readonly pace: RefusalPace;
}

export interface AppLogin {
  readonly username: string;
  readonly password: string;
  readonly deviceId: string | undefined;
}

export type AppLoginService = ReturnType<typeof createAppLoginService>;

type Refusal = Extract<ConstructorParameters<typeof DomainError>[0], `access.${string}`>;

/** What the policy lets out of each reason: who is wrong about the password learns no more than that. */
const refusals: Readonly<Record<RejectReason, readonly [code: Refusal, detail: string]>> = {
  unknown_realm: ["access.wrong_credential", "The username or the password is wrong."],
  unknown_user: ["access.wrong_credential", "The username or the password is wrong."],
  // That several accounts have the name would say that it exists; the decision's trace tells the operator.
  ambiguous_user: ["access.wrong_credential", "The username or the password is wrong."],
  no_credential: ["access.wrong_credential", "The username or the password is wrong."],
  wrong_credential: ["access.wrong_credential", "The username or the password is wrong."],
  no_reversible_secret: ["access.wrong_credential", "The username or the password is wrong."],
  inactive: ["access.inactive", "The account, its organization or one above it is not active."],
  expired: ["access.expired", "The account has expired."],
  no_time_left: ["access.no_time_left", "The account's time is used up."],
  profile_refuses: ["access.profile_refuses", "A profile of the account refuses access."],
  check_failed: ["access.profile_refuses", "A profile of the account refuses access here."],
  too_many_sessions: ["access.profile_refuses", "The account has as many sessions as it may."],
  reply_unwritable: ["access.profile_refuses", "A profile of the account cannot be answered."],
};

/** An app asks whether somebody is who they say, and may be let in: the table of every door, without a session. */
export const createAppLoginService = ({ work, moment, gathering, journal, goodLogins, pace }: AppLoginDependencies) => ({
  /** The account; throws the reason that may be told, or `access.too_many_attempts`. */
  async authenticate(caller: Caller, login: AppLogin): Promise<User> {
    const { organizationId, nameSpaceId } = caller.scope;
    const { nowMs, decisionId } = await moment();
    const credential = { method: "pap", password: Buffer.from(login.password) } as const;
    const question = {
      organizationId,
      clientId: 0,
      userName: login.username,
      credential,
      attributes: undefined,
      nameless: `#${decisionId}`,
      payer: actorLabel(caller.actor),
      source: login.deviceId ?? caller.requestId,
      place: `${actorLabel(caller.actor)} ${caller.address ?? ""}`,
      device: login.deviceId ?? "",
      isWanted: caller.isWaiting,
    };
    const keep = ({ account: lookup }: Pick<Found, "account">, decision: KeptDecision) => {
      const account = typeof lookup === "string" ? undefined : lookup;
      journal.addDecision({
        id: decisionId,
        nameSpaceId: account?.nameSpaceId ?? nameSpaceId,
        organizationId: account?.organizationId ?? organizationId,
        createdAtMs: nowMs,
        clientId: null,
        userId: account?.id ?? null,
        username: storableText(login.username),
        callingStation: storableText(login.deviceId),
        source: "app",
        outcome: decision.outcome,
        reason: decision.outcome === "reject" ? decision.reason : null,
        sessionTimeoutSeconds: null,
        reply: [],
        trace: decision.trace,
      });
    };
    const { asked, decision } = await judge(gathering, question, nowMs).catch((error: unknown) => {
      if (error instanceof NotKnown) keep(error.found, notKnown);
      throw error;
    });
    keep(asked, decision);
    if (decision.outcome === "reject") {
      await pace.reached(asked, nowMs);
      const [code, detail] = refusals[decision.reason];
      throw new DomainError(code, detail);
    }
    goodLogins.note(asked.account as AccountFacts, nowMs, asked.judged.verified);
    const user = await work.for(caller.scope).users.find(decision.user.id);
    if (!user) throw new DomainError("access.wrong_credential", refusals.wrong_credential[1]);
    return { ...user, firstLoginMs: user.firstLoginMs ?? nowMs, lastLoginMs: nowMs };
  },
});

const tooManyAttempts = (pauseSeconds: number) =>
  new DomainError(
    "access.too_many_attempts",
    `Too many wrong passwords for this username come from there. Try again in ${pauseSeconds} s.`,
    {
      retryAfterSeconds: pauseSeconds,
    },
  );

const judge = async (gathering: AccessGathering, question: AccessQuestion, nowMs: number): Promise<Decided> => {
  const asked = await gathering.ask(question);
  if (asked.judged.pauseSeconds !== undefined) throw tooManyAttempts(asked.judged.pauseSeconds);
  return gathering.decide(asked, nowMs);
};
