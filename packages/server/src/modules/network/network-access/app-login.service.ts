import { decide } from "../../../aaa/authorization/decide.ts";
import type { RejectReason } from "../../../aaa/words/access-decision.ts";
import { actorLabel } from "../../../kernel/actor.ts";
import type { Caller } from "../../../kernel/caller.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { User, UserStore } from "../../accounts/users/index.ts";
import { NotKnown, noDecision } from "./access-decision.ts";
import type { AccessStages } from "./access-stages.ts";
import type { DecisionRecorder, Moment, RecordedQuestion } from "./record-decision.stage.ts";

export interface AppLoginDependencies {
  readonly work: Work<{ users: UserStore }>;
  readonly stages: AccessStages;
  readonly record: DecisionRecorder;
}

export interface AppLogin {
  readonly username: string;
  readonly password: string;
  readonly deviceId: string | undefined;
}

export type AppLoginService = ReturnType<typeof createAppLoginService>;

type Refusal = Extract<ConstructorParameters<typeof DomainError>[0], `access.${string}`>;

/** The refusal by reject reason. A wrong credential reveals nothing about the account. */
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
  too_many_sessions: ["access.profile_refuses", "The account has reached its device limit."],
  reply_unwritable: ["access.profile_refuses", "A profile of the account cannot be answered."],
};

/** An app asks whether a user has the right password and may connect: the same stages as an Access-Request, without a session. */
export const createAppLoginService = ({ work, stages, record }: AppLoginDependencies) => ({
  /** The account; throws the reason that the caller may know, or `access.too_many_attempts`. */
  async authenticate(caller: Caller, login: AppLogin): Promise<User> {
    const question = questionOf(caller, login, await record.begin());
    try {
      const account = await stages.verifyCredential(await stages.findAccount(question));
      const { pauseSeconds } = account.verified;
      if (pauseSeconds !== undefined) throw tooManyAttempts(pauseSeconds);
      const loaded = await stages.loadFacts(account, question.nowMs);
      const decision = decide(loaded.facts);
      if (decision.outcome === "reject") {
        await record.rejected(question, decision, loaded);
        throw refused(decision.reason);
      }
      record.accepted(question, decision, loaded);
      const user = await work.for(caller.scope).users.find(decision.account.id);
      if (!user) throw refused("wrong_credential");
      return { ...user, firstLoginMs: user.firstLoginMs ?? question.nowMs, lastLoginMs: question.nowMs };
    } catch (error) {
      if (error instanceof NotKnown) record.keep(question, noDecision(error));
      throw error;
    }
  },
});

const questionOf = (caller: Caller, { username, password, deviceId }: AppLogin, moment: Moment): RecordedQuestion => {
  const { organizationId, namespaceId } = caller.scope;
  const actor = actorLabel(caller.actor);
  return {
    ...moment,
    source: "app",
    namespaceId,
    organizationId,
    clientId: 0,
    userName: username,
    credential: { method: "pap", password: Buffer.from(password) },
    attributes: undefined,
    callingStation: deviceId,
    station: `#${moment.decisionId}`,
    payer: [actor, deviceId ?? caller.requestId],
    place: `${actor} ${caller.address ?? ""}`,
    device: deviceId ?? "",
    isWanted: caller.isWaiting,
  };
};

const refused = (reason: RejectReason): DomainError => new DomainError(...refusals[reason]);

const tooManyAttempts = (pauseSeconds: number): DomainError =>
  new DomainError(
    "access.too_many_attempts",
    `Too many wrong passwords for this username come from there. Try again in ${pauseSeconds} s.`,
    { retryAfterSeconds: pauseSeconds },
  );
