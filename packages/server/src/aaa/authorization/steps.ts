import { maxTimeoutSeconds, secondsBetween, shareOf } from "../session-time/live-session-timeout.ts";
import type { RejectReason } from "../words/access-decision.ts";
import type { AttributeItem } from "../words/attributes.ts";
import { satisfies, settingOperators } from "./check-comparison.ts";
import type { AccessFacts, CheckItem, UserFacts } from "./facts.ts";

/** Something that ends a session by itself, and in how many seconds. */
export interface TimeLimit {
  readonly source: string;
  readonly seconds: number;
}

/** What the steps have worked out so far. */
export interface Draft {
  /** How many sessions the account may have at once; undefined: any number. */
  readonly maxSessions: number | undefined;
  readonly limits: readonly TimeLimit[];
  readonly reply: readonly AttributeItem[];
}

export type StepResult =
  | { readonly verdict: "pass"; readonly detail: string; readonly draft?: Partial<Draft> }
  | { readonly verdict: "refuse"; readonly detail: string; readonly reason: RejectReason };

/** One row of the table. The steps after it see what it worked out. */
export interface Step {
  readonly name: string;
  evaluate(facts: AccessFacts, draft: Draft): StepResult;
}

const pass = (detail: string, draft?: Partial<Draft>): StepResult =>
  draft === undefined ? { verdict: "pass", detail } : { verdict: "pass", detail, draft };
const refuse = (reason: RejectReason, detail: string): StepResult => ({ verdict: "refuse", reason, detail });

/** The account of facts that have passed the first step. */
export const knownAccount = <Account extends UserFacts>({ account }: AccessFacts<Account>): Account => {
  if (typeof account === "string") throw new Error("A step after the first was evaluated without an account.");
  return account;
};

/** Whether the name means one account among those that the client serves. */
export const checkUser: Step = {
  name: "user",
  evaluate({ account }) {
    if (account === "unknown_realm") {
      return refuse("unknown_realm", "No login rule of the client's organization has the realm of this name, or its organization is gone.");
    }
    if (account === "unknown") return refuse("unknown_user", "No account that the client serves has this name.");
    if (account === "ambiguous")
      return refuse(
        "ambiguous_user",
        "Accounts of several namespaces that the client serves have this name. Login rules of its organization say which is meant.",
      );
    return pass(`The account ${account.username} (${account.id}).`);
  },
};

const credentialNames = { pap: "The password", chap: "The CHAP response", mac: "The address", none: "The request" } as const;

/** Whether the request proves to come from the account's owner. */
export const checkCredential: Step = {
  name: "credential",
  evaluate({ credential: { method, verdict } }) {
    const name = credentialNames[method];
    switch (verdict) {
      case "right":
        return pass(`${name} is right.`);
      case "deferred":
        return pass("Left to the server that asks: it is given the reversible secret to check against.");
      case "assumed":
        return pass("Not asked for: taken as right.");
      case "wrong":
        return refuse("wrong_credential", `${name} is wrong.`);
      case "paused":
        return refuse("wrong_credential", `${name} was not looked at in time: too many wrong ones come from there. Try again.`);
      case "missing":
        return refuse(
          "no_credential",
          "The request carries no password, no CHAP response, and is no address that authenticates by itself.",
        );
      case "unsupported":
        return refuse("no_credential", "The request proves itself by EAP, MS-CHAP or the like, which go through FreeRADIUS.");
      case "unreadable":
        return refuse(
          "no_reversible_secret",
          "The method needs a reversible secret, and none is kept: the organization must keep reversible secrets, and the password must have been set or used since.",
        );
    }
  },
};

/** Whether the account and its organizations are switched on. */
export const checkActive: Step = {
  name: "active",
  evaluate: (facts) =>
    knownAccount(facts).isActive
      ? pass("The account and its organizations are active.")
      : refuse("inactive", "The account, its organization or one above it is not active."),
};

/** Whether the account has a whole second until it expires. */
export const checkExpiration: Step = {
  name: "expiration",
  evaluate(facts, draft) {
    const { expirationMs } = knownAccount(facts);
    if (expirationMs === null) return pass("The account never expires.");
    const seconds = secondsBetween(facts.nowMs, expirationMs);
    if (seconds < 1) return refuse("expired", `The account expired ${Math.abs(seconds)} s ago.`);
    return pass(`The account expires in ${seconds} s.`, { limits: [...draft.limits, { source: "expiration", seconds }] });
  },
};

/** Whether the time balance leaves a second for one more session. */
export const checkTime: Step = {
  name: "time",
  evaluate(facts, draft) {
    const { seconds } = knownAccount(facts);
    if (seconds === null) return pass("The account is not metered.");
    const { live, reserved, unreportedSeconds } = facts.sessions;
    const sharers = live + reserved + 1;
    const share = shareOf(seconds, unreportedSeconds, sharers);
    const sum = `${seconds} s of balance, ${unreportedSeconds} s passed and not reported yet, shared by ${sharers}: ${Math.max(0, share)} s.`;
    if (share < 1) return refuse("no_time_left", sum);
    return pass(sum, { limits: [...draft.limits, { source: "time balance", seconds: share }] });
  },
};

/** Whether the request satisfies the check attributes of the account's profiles. Auth-Type and Simultaneous-Use are read here too. */
export const checkAttributes: Step = {
  name: "profile_checks",
  evaluate({ profiles, attributes }) {
    const items = profiles.flatMap((profile) => profile.check.map((item) => ({ item, profile: profile.shortName })));
    const refusing = items.find(({ item }) => sets(item, "auth-type") && item.value.toLowerCase() === "reject");
    if (refusing) return refuse("profile_refuses", `The profile ${refusing.profile} sets Auth-Type to Reject.`);
    const draft = { maxSessions: fewestSessions(items.map(({ item }) => item)) };
    const comparing = items.filter(({ item }) => !settingOperators.has(item.op));
    if (attributes === undefined) return pass("No network equipment asks: check attributes are not compared.", draft);
    let work = 0;
    for (const { item, profile } of comparing) {
      const values = Object.hasOwn(attributes, item.attribute) ? attributes[item.attribute] : undefined;
      work += workOf(item, values);
      if (work > maxWork) return refuse("check_failed", `The patterns up to that of ${profile} for ${item.attribute} are too much work.`);
      if (!satisfies(item, values)) return failedCheck(item, profile, values);
    }
    return pass(comparing.length === 0 ? "The profiles check nothing." : `All ${comparing.length} check attributes are satisfied.`, draft);
  },
};

/**
 * The most that all patterns of one decision may cost: their instructions times the characters that they are matched with, and
 * for each pattern as many characters more as compiling it costs. It keeps the dearest decision near a millisecond, whoever
 * wrote its profiles and whatever a request shows. A hardware address in all of its spellings costs a hundredth of it.
 */
const maxWork = 100_000;
const charactersToCompile = 25;

const workOf = ({ size }: CheckItem, values: readonly string[] = []): number =>
  size === undefined ? 0 : size * values.reduce((sum, value) => sum + value.length + 1, charactersToCompile);

const sets = (item: CheckItem, name: string): boolean => settingOperators.has(item.op) && item.attribute.toLowerCase() === name;

/** The least of several limits. */
const fewestSessions = (items: readonly CheckItem[]): number | undefined => {
  const limits = items.filter((item) => sets(item, "simultaneous-use") && /^\d{1,9}$/.test(item.value)).map((item) => Number(item.value));
  return limits.length === 0 ? undefined : Math.min(...limits);
};

const failedCheck = (item: CheckItem, profile: string, values: readonly string[] | undefined): StepResult => {
  if (["=~", "!~"].includes(item.op) && item.fits?.("") === undefined) {
    const why = item.fits === undefined ? "is too large" : "cannot be read";
    return refuse("check_failed", `The profile ${profile} compares ${item.attribute} with a pattern that ${why}.`);
  }
  if (item.isSecret) return refuse("check_failed", `The profile ${profile} asks for another ${item.attribute} than the request carries.`);
  const shown =
    values === undefined || values.length === 0 ? "does not carry it" : `carries ${values.map((one) => JSON.stringify(one)).join(", ")}`;
  return refuse(
    "check_failed",
    `The profile ${profile} asks for ${item.attribute} ${item.op} ${JSON.stringify(item.value)}; the request ${shown}.`,
  );
};

/** Whether one more session stays within Simultaneous-Use. A device that asks again replaces its own session. */
export const checkSessions: Step = {
  name: "simultaneous_use",
  evaluate({ attributes, sessions: { live, reserved } }, { maxSessions }) {
    if (attributes === undefined) return pass("No session follows.");
    if (maxSessions === undefined) return pass("Any number of sessions.");
    const counted = `${live} live and ${reserved} reserved on other devices, of at most ${maxSessions}.`;
    return live + reserved < maxSessions ? pass(counted) : refuse("too_many_sessions", counted);
  },
};

/** The reply attributes of the profiles, in their order. A Session-Timeout among them limits the session like the others. */
export const composeReply: Step = {
  name: "reply",
  evaluate({ profiles }, draft) {
    const reply = mergeReply(profiles.flatMap((profile) => profile.reply));
    const own = numberOf(reply, "session-timeout");
    const limits = own === undefined ? draft.limits : [...draft.limits, { source: "profile", seconds: own }];
    const names = profiles.map((profile) => profile.shortName);
    return pass(names.length === 0 ? "The account has no profile." : `${reply.length} attributes of ${names.join(", ")}.`, {
      reply,
      limits,
    });
  },
};

/** RFC 2869 §5.16: at least 60 s between reports, and 600 s or more advised. */
const minInterimSeconds = 60;
const usualInterimSeconds = 600;

/**
 * Session-Timeout is the least of what limits the session, and is not sent where nothing does. A live session's is
 * computed in `aaa/session-time/live-session-timeout.ts`. Reports come more often
 * where little time is left, because the balance is debited by them.
 */
export const limitSession: Step = {
  name: "session_timeout",
  evaluate({ attributes }, draft) {
    if (attributes === undefined) return pass("No session follows.", { reply: [] });
    const least = draft.limits.reduce<TimeLimit | undefined>(
      (best, limit) => (best === undefined || limit.seconds < best.seconds ? limit : best),
      undefined,
    );
    const seconds = least && Math.min(least.seconds, maxTimeoutSeconds);
    const timed = withAttribute(draft.reply, "Session-Timeout", seconds);
    const interim = numberOf(timed, "acct-interim-interval") ?? interimFor(seconds);
    const detail = least ? `${seconds} s, by the ${least.source}; of ${listed(draft)}.` : "Nothing limits the session.";
    return pass(detail, { reply: withAttribute(timed, "Acct-Interim-Interval", interim) });
  },
};

const listed = (draft: Draft): string => draft.limits.map(({ source, seconds }) => `${source} ${seconds}`).join(", ");

const interimFor = (timeoutSeconds: number | undefined): number =>
  timeoutSeconds === undefined
    ? usualInterimSeconds
    : Math.min(usualInterimSeconds, Math.max(minInterimSeconds, Math.floor(timeoutSeconds / 4)));

/**
 * Puts the reply attributes of several profiles together as FreeRADIUS does: `:=` replaces what stands there under the
 * same name and tag, `=` counts only where nothing does, `+=` adds one more. Other operators compare, and a reply
 * compares nothing: they are left out.
 */
export const mergeReply = (items: readonly AttributeItem[]): AttributeItem[] => {
  let merged: AttributeItem[] = [];
  for (const item of items) {
    const isSame = (other: AttributeItem) => other.attribute.toLowerCase() === item.attribute.toLowerCase();
    if (item.op === ":=") merged = [...merged.filter((other) => !isSame(other)), item];
    else if (item.op === "+=" || (item.op === "=" && !merged.some(isSame))) merged.push(item);
  }
  return merged;
};

/** The number that an attribute of a reply gives; undefined where it is not there or no whole number above 0. */
export const numberOf = (reply: readonly AttributeItem[], lowerCaseName: string): number | undefined => {
  const value = reply.find((item) => item.attribute.toLowerCase() === lowerCaseName)?.value;
  const number = value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : 0;
  return number >= 1 ? number : undefined;
};

/** The reply with one attribute set, at the place where it stood or at the end; undefined takes it out. */
const withAttribute = (reply: readonly AttributeItem[], attribute: string, number: number | undefined): AttributeItem[] => {
  const rest = reply.filter((item) => item.attribute.toLowerCase() !== attribute.toLowerCase());
  return number === undefined ? rest : [...rest, { attribute, op: ":=", value: String(number) }];
};
