import { Type } from "typebox";
import { ProfileAttribute } from "./aaa-profile.ts";
import { filter, listQuery, pageOf } from "./page.ts";
import { closed, id, instant, nullableFormat, nullableText } from "./vocabulary.ts";

/** Where an access request came from. */
export const accessSources = ["radius", "freeradius", "app"] as const;

/**
 * Why a request is refused, in the order in which the table asks; `reply_unwritable` is found when the answer is written, and
 * `not_known` says that nobody was answered.
 */
export const accessReasons = [
  "unknown_realm",
  "unknown_user",
  "ambiguous_user",
  "no_credential",
  "wrong_credential",
  "no_reversible_secret",
  "inactive",
  "expired",
  "no_time_left",
  "profile_refuses",
  "check_failed",
  "too_many_sessions",
  "reply_unwritable",
  "not_known",
] as const;

const outcome = Type.Enum(["accept", "reject"], { description: "Whether the user was let in.", example: "reject" });
const reason = Type.Unsafe<(typeof accessReasons)[number] | null>({
  enum: [...accessReasons, null],
  description:
    "Why not: the first step of the table that refused, or `reply_unwritable`: a profile's attributes make no RADIUS packet; `not_known`: what the decision rests on changed each time that it was read, so that nobody was answered and the equipment asks again. Null when the user was let in.",
  example: "no_time_left",
});
const sessionTimeout = Type.Unsafe<number | null>({
  type: ["integer", "null"],
  description: "The Session-Timeout that was answered, in seconds; null: nothing limits the session, or nobody was let in.",
  example: null,
});

export const AccessTraceLine = Type.Object(
  {
    step: Type.String({ description: "The step of the table.", example: "time" }),
    verdict: Type.Enum(["pass", "refuse"], { description: "What the step said.", example: "refuse" }),
    detail: Type.String({
      description: "The values that it compared.",
      example: "0 s of balance, 0 s passed and not reported yet, shared by 1: 0 s.",
    }),
  },
  { description: "What one step of the access decision found." },
);

const evaluated = {
  outcome,
  reason,
  session_timeout: sessionTimeout,
  reply: Type.Array(ProfileAttribute, { description: "The attributes of the answer, in order.", example: [] }),
  trace: Type.Array(AccessTraceLine, { description: "The steps in the order in which they were evaluated." }),
};

export const AccessDecision = Type.Object(
  {
    id: id("The decision's id.", 1001),
    created_at: instant("When it was made."),
    organization: id("The id of the user's organization, or of the client's where the user is unknown.", 12345),
    client: Type.Unsafe<number | null>({
      type: ["integer", "null"],
      description: "The AAA client that sent the request; null for an app.",
      example: 25,
    }),
    user: Type.Unsafe<number | null>({
      type: ["integer", "null"],
      description: "The account; null: nobody, or one that is deleted.",
      example: 42,
    }),
    username: nullableText({
      description: "The username of the request, as it was sent; null once the account is deleted.",
      example: "john_doe",
    }),
    calling_station_id: nullableText({ description: "The device, as the equipment or the app names it.", example: "AA-BB-CC-DD-EE-01" }),
    source: Type.Enum([...accessSources], {
      description:
        "Where the request came from: `radius` by UDP, `freeradius` through a FreeRADIUS, `app` by `/device_app_user_authenticate/`.",
      example: "radius",
    }),
    ...evaluated,
  },
  { description: "Why somebody was let in or refused, step by step." },
);

export const AccessDecisionPage = pageOf(AccessDecision, "A page of access decisions.");

const moment = (description: string) =>
  Type.Optional(Type.String({ format: "instant", minLength: 1, maxLength: 40, description, example: "2024-01-15T10:30:00Z" }));

export const AccessDecisionListQuery = listQuery({
  user: filter.id("Only decisions about this account."),
  client: filter.id("Only decisions about requests of this AAA client.", 25),
  outcome: Type.Optional(outcome),
  start_date: moment("Only decisions made at or after this time."),
  end_date: moment("Only decisions made before this time."),
});

const values = Type.Unsafe<string | string[]>({
  oneOf: [
    { type: "string", maxLength: 253 },
    { type: "array", items: { type: "string", maxLength: 253 }, maxItems: 50 },
  ],
});

export const AccessSimulationInput = closed(
  {
    username: Type.String({ minLength: 1, maxLength: 253, description: "The User-Name as equipment would send it.", example: "john_doe" }),
    password: Type.Optional(
      Type.String({ maxLength: 255, description: "A password to check. Left out, the credential is taken as right.", example: "secret" }),
    ),
    client: Type.Optional(id("The AAA client that would ask. Left out, one of the token's organization is imagined.", 25)),
    calling_station_id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 253, description: "The device that would ask.", example: "AA-BB-CC-DD-EE-01" }),
    ),
    attributes: Type.Optional(
      Type.Unsafe<Record<string, string | string[]>>({
        type: "object",
        additionalProperties: values,
        maxProperties: 100,
        description: "What else the request would carry: attributes by name, each with one value or several.",
        example: { "NAS-Port-Type": "Virtual" },
      }),
    ),
    at: Type.Optional(nullableFormat("instant", { description: "At what time. Default: now.", example: "2124-01-15T10:30:00Z" })),
  },
  { description: "A simulated request." },
);

export const AccessSimulation = Type.Object(
  { at: instant("The time for which the request was simulated."), user: AccessDecision.properties.user, ...evaluated },
  { description: "What would be decided, by the same table. Nothing was stored and no reservation was made." },
);
