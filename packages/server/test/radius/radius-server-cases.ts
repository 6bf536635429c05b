import { passwords, radiusSecret } from "../support/radius-server-world.ts";

/** A request in the words of radclient, which our own client understands, too. */
export interface CaseRequest {
  readonly kind: "auth" | "acct" | "status-auth" | "status-acct";
  readonly secret?: string;
  /** Names and values; several of one name stay in order. */
  readonly attributes: readonly (readonly [name: CaseName, value: string])[];
  readonly password?: string;
  readonly chapPassword?: string;
  /** Default: true. */
  readonly isSigned?: boolean;
}

export interface RadiusServerCase {
  readonly title: string;
  readonly request: CaseRequest;
  /** Whether the AAA client must sign its Access-Requests. Default: true. */
  readonly requiresMessageAuthenticator?: boolean;
  /** What the floor above does with accounting. Default: stores it. */
  readonly account?: "stored" | "ignored" | "fails";
  readonly expected: "silence" | { readonly code: number; readonly attributes: Readonly<Record<string, readonly string[]>> };
}

/** Numbers of the attributes that cases use, for the client that knows no dictionary. */
export const caseNumbers = {
  "User-Name": 1,
  "NAS-IP-Address": 4,
  "Framed-IP-Address": 8,
  "Reply-Message": 18,
  "Session-Timeout": 27,
  "Called-Station-Id": 30,
  "Calling-Station-Id": 31,
  "NAS-Identifier": 32,
  "Proxy-State": 33,
  "Acct-Status-Type": 40,
  "Acct-Session-Id": 44,
  "Acct-Session-Time": 46,
  "NAS-Port-Type": 61,
} as const;
export type CaseName = keyof typeof caseNumbers;

const accepted = { code: 2, attributes: { "Session-Timeout": ["3600"], "WISPr-Bandwidth-Max-Down": ["50000000"] } };
const rejected = { code: 3, attributes: { "Reply-Message": ["Wrong name or password"] } };
const acknowledged = { code: 5, attributes: {} };
const john = ["User-Name", "john.smith"] as const;
const state = (hex: string) => ["Proxy-State", `0x${hex}`] as const;
const interim = [john, ["Acct-Status-Type", "3"], ["Acct-Session-Id", "80a00001"], ["Acct-Session-Time", "60"]] as const;

/** What the RADIUS server must do, whoever asks. */
export const radiusServerCases: readonly RadiusServerCase[] = [
  { title: "the right password", request: { kind: "auth", attributes: [john], password: "demo-john-smith" }, expected: accepted },
  { title: "a wrong password", request: { kind: "auth", attributes: [john], password: "demo-john-smit" }, expected: rejected },
  { title: "no password at all", request: { kind: "auth", attributes: [john] }, expected: rejected },
  {
    title: "a name and password beyond ASCII",
    request: { kind: "auth", attributes: [["User-Name", "jürgen"]], password: "pässwörd ✓" },
    expected: accepted,
  },
  {
    title: "a password of 128 octets",
    request: { kind: "auth", attributes: [["User-Name", "long"]], password: passwords["long"]! },
    expected: accepted,
  },
  {
    title: "CHAP with the right password",
    request: { kind: "auth", attributes: [john], chapPassword: "demo-john-smith" },
    expected: accepted,
  },
  { title: "CHAP with a wrong password", request: { kind: "auth", attributes: [john], chapPassword: "other" }, expected: rejected },
  {
    title: "Proxy-States, which come back in order",
    request: { kind: "auth", attributes: [john, state("01"), state("0202"), state("00")], password: "demo-john-smith" },
    expected: { ...accepted, attributes: { ...accepted.attributes, "Proxy-State": ["0x01", "0x0202", "0x00"] } },
  },
  {
    title: "Proxy-States in a rejected login",
    request: { kind: "auth", attributes: [john, state("0a0b")], password: "x" },
    expected: { ...rejected, attributes: { ...rejected.attributes, "Proxy-State": ["0x0a0b"] } },
  },
  {
    title: "a login without Message-Authenticator, where the client must send one",
    request: { kind: "auth", attributes: [john], password: "demo-john-smith", isSigned: false },
    expected: "silence",
  },
  {
    title: "a login without Message-Authenticator, where the client need not send one",
    request: { kind: "auth", attributes: [john], password: "demo-john-smith", isSigned: false },
    requiresMessageAuthenticator: false,
    expected: accepted,
  },
  {
    title: "a Proxy-State without Message-Authenticator, whatever the client must send (CVE-2024-3596)",
    request: { kind: "auth", attributes: [john, state("01")], password: "demo-john-smith", isSigned: false },
    requiresMessageAuthenticator: false,
    expected: "silence",
  },
  {
    title: "a login signed with another secret",
    request: { kind: "auth", attributes: [john], password: "demo-john-smith", secret: "another" },
    requiresMessageAuthenticator: false,
    expected: "silence",
  },
  { title: "accounting that is stored", request: { kind: "acct", attributes: interim }, expected: acknowledged },
  {
    title: "accounting without a second signature",
    request: { kind: "acct", attributes: interim, isSigned: false },
    expected: acknowledged,
  },
  { title: "accounting that needs no storing", request: { kind: "acct", attributes: interim }, account: "ignored", expected: acknowledged },
  { title: "accounting that cannot be stored", request: { kind: "acct", attributes: interim }, account: "fails", expected: "silence" },
  {
    title: "accounting signed with another secret",
    request: { kind: "acct", attributes: interim, secret: "another", isSigned: false },
    expected: "silence",
  },
  {
    title: "Proxy-States in accounting",
    request: { kind: "acct", attributes: [...interim, state("ff"), state("00ff")] },
    expected: { code: 5, attributes: { "Proxy-State": ["0xff", "0x00ff"] } },
  },
  {
    title: "Status-Server to the authentication port",
    request: { kind: "status-auth", attributes: [] },
    expected: { code: 2, attributes: {} },
  },
  { title: "Status-Server to the accounting port", request: { kind: "status-acct", attributes: [] }, expected: acknowledged },
  {
    title: "Status-Server without Message-Authenticator (RFC 5997 §3)",
    request: { kind: "status-auth", attributes: [], isSigned: false },
    requiresMessageAuthenticator: false,
    expected: "silence",
  },
];

export const secretOf = (request: CaseRequest): string => request.secret ?? radiusSecret;
