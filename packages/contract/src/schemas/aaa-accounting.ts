import { Type } from "typebox";
import { filter, listQuery, pageOf } from "./page.ts";
import { closed, id, instant, nullableInstant, nullableText } from "./vocabulary.ts";

const number = (description: string, example: number | null) =>
  Type.Unsafe<number | null>({ type: ["integer", "null"], description, example });
const reported = (description: string, example: string | null = null) => nullableText({ description, example });

/** A session in the words of FreeRADIUS' tables, and in plainer ones beside them. */
export const AaaAccounting = Type.Object(
  {
    id: id("The session's id, as `radacctid`.", 12345),
    radacctid: id("The session's id.", 12345),
    acctsessionid: Type.String({ description: "Acct-Session-Id: unique at its client until that restarts.", example: "abc123def456" }),
    acctuniqueid: Type.String({
      description: "Unique for all clients and times: 32 hexadecimal digits.",
      example: "0f3a9d5b2c7e41886a5b0c3d9e7f1a24",
    }),
    username: reported("User-Name as it was sent; null once the account is deleted.", "john.doe"),
    realm: reported("Realm, where the equipment sends one."),
    nasipaddress: reported("The address that the equipment calls its own, else the one that its packets come from.", "192.168.1.10"),
    nasidentifier: reported("NAS-Identifier.", "cafe-ap1"),
    nasportid: reported("NAS-Port-Id, else NAS-Port.", "7"),
    nasporttype: reported("NAS-Port-Type.", "Wireless-802.11"),
    acctstarttime: instant("When the session began.", "2024-01-01T09:30:00Z"),
    acctupdatetime: instant("The latest event that was reported.", "2024-01-01T17:45:00Z"),
    acctstoptime: nullableInstant("When it ended; null: not yet.", "2024-01-01T17:45:00Z"),
    acctinterval: number("Seconds between the last two reports.", 600),
    acctsessiontime: Type.Integer({ minimum: 0, description: "Seconds that the session has lasted, as reported.", example: 29700 }),
    acctauthentic: reported("Acct-Authentic.", "RADIUS"),
    connectinfo_start: reported("Connect-Info at the start."),
    connectinfo_stop: reported("Connect-Info at the end."),
    acctinputoctets: Type.Integer({ minimum: 0, description: "Octets from the user, 64-bit.", example: 1048576 }),
    acctoutputoctets: Type.Integer({ minimum: 0, description: "Octets to the user, 64-bit.", example: 5242880 }),
    calledstationid: reported("Called-Station-Id.", "00-11-22-33-44-55:Cafe"),
    callingstationid: reported("Calling-Station-Id.", "AA-BB-CC-DD-EE-01"),
    acctterminatecause: reported("Why it ended: Acct-Terminate-Cause, or our word for it where the equipment did not say.", "User-Request"),
    servicetype: reported("Service-Type.", "Framed-User"),
    framedprotocol: reported("Framed-Protocol."),
    framedipaddress: reported("Framed-IP-Address.", "10.0.0.17"),
    framedipv6address: reported("Framed-IPv6-Address."),
    framedipv6prefix: reported("Framed-IPv6-Prefix."),
    framedinterfaceid: reported("Framed-Interface-Id."),
    delegatedipv6prefix: reported("Delegated-IPv6-Prefix."),
    class: reported("Class as it was sent first."),
    user: number("The account; null: nobody that is known, or one that is deleted.", 42),
    pseudonym: reported("Stands for a deleted account: the same in all of its rows."),
    organization: id("The id of the user's organization, or of the client's where the user is unknown.", 12345),
    client: id("The AAA client that reports it.", 25),
    access_point: number("Always null in this version.", null),
    location: number("Always null in this version.", null),
    access_decision: number("The decision that let it in, where the session could be linked to one.", 1001),
    session_id: Type.String({ description: "As `acctsessionid`.", example: "abc123def456" }),
    start_time: instant("As `acctstarttime`.", "2024-01-01T09:30:00Z"),
    end_time: nullableInstant("As `acctstoptime`.", "2024-01-01T17:45:00Z"),
    session_duration: Type.Integer({ minimum: 0, description: "As `acctsessiontime`.", example: 29700 }),
    bytes_sent: Type.Integer({ minimum: 0, description: "What the user sent, as `acctinputoctets`.", example: 1048576 }),
    bytes_received: Type.Integer({ minimum: 0, description: "What the user received, as `acctoutputoctets`.", example: 5242880 }),
    nas_ip_address: reported("As `nasipaddress`.", "192.168.1.10"),
    session_status: Type.Enum(["active", "completed"], { description: "Whether the session goes on.", example: "completed" }),
    closed_by: Type.Unsafe<string | null>({
      enum: ["stop", "restart", "reboot", "stale", "client", "operator", null],
      description:
        "Who ended it: `stop` its own report, `restart` another session under its id, `reboot` a restart of the equipment, `stale` three missing reports, `client` the equipment's answer that it knows no such session, `operator` somebody by hand. All but `stop` may be reopened by a later report.",
      example: "stop",
    }),
    burned_seconds: Type.Integer({ minimum: 0, description: "Seconds of it that were paid out of the user's balance.", example: 600 }),
    unbilled_seconds: Type.Integer({ minimum: 0, description: "Seconds of it that the balance did not cover.", example: 0 }),
    damaged: Type.Optional(
      Type.Literal(true, {
        description:
          "Stands where stored numbers are none that equipment can have reported: times and counters are then shown as far as they can be written.",
      }),
    ),
  },
  { description: "A session: a connection that network equipment reports." },
);

export const AaaAccountingPage = pageOf(AaaAccounting, "A page of sessions.");

const moment = (description: string) =>
  Type.Optional(Type.String({ format: "instant", minLength: 1, maxLength: 40, description, example: "2024-01-15T10:30:00Z" }));

export const AaaAccountingListQuery = listQuery({
  start_date: moment("Only sessions that began at or after this time."),
  end_date: moment("Only sessions that began before this time."),
  user: filter.id("Only sessions of this account."),
  client: filter.id("Only sessions that this AAA client reports.", 25),
  session_status: Type.Optional(
    Type.Enum(["active", "completed"], { description: "Only sessions that go on, or that are over.", example: "active" }),
  ),
});

export const AaaAccountingEvent = Type.Object(
  {
    id: id("The line's id.", 7),
    session: id("The session (`radacctid`).", 12345),
    created_at: instant("When it happened."),
    event: Type.Enum(
      [
        "closed",
        "reopened",
        "request_made",
        "request_sent",
        "request_acknowledged",
        "request_refused",
        "request_unanswered",
        "request_given_up",
      ],
      {
        description:
          "What happened: the session was closed without its own Stop, or reopened by a later report; a request to its client was made, sent, acknowledged, refused (with `error_cause`, RFC 5176 §3.5), not answered, or given up.",
        example: "request_acknowledged",
      },
    ),
    actor: Type.String({ description: "Who did it.", example: "system:planner" }),
    detail: Type.Unsafe<Record<string, unknown>>({
      type: "object",
      additionalProperties: true,
      description: "The particulars, such as `kind`, `reason`, `attempt`, `error_cause`, `session_timeout`.",
      example: { kind: "disconnect", reason: "no_time_left" },
    }),
  },
  { description: "One line of a session's history beyond its reports." },
);

export const AaaAccountingEventPage = pageOf(AaaAccountingEvent, "A page of the session's history.");
export const AaaAccountingEventListQuery = listQuery({});

export const DisconnectInput = closed(
  { reason: Type.Optional(nullableText({ description: "Why, for the session's history.", example: "Asked for at the front desk" })) },
  { description: "Why a session is to end." },
);

export const DisconnectRequest = Type.Object(
  {
    session: id("The session (`radacctid`).", 12345),
    kind: Type.Literal("disconnect", { description: "What the client is to do." }),
    state: Type.Literal("waiting", { description: "It is sent within moments; the session's history tells what came of it." }),
    created_at: instant("When it was requested, by this call or by an earlier one that still waits."),
  },
  { description: "A request to end a session, on its way to the client." },
);
