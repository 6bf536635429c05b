import { randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import { hidePassword } from "../../packages/server/src/radius/protocol/packet/hidden-value.ts";
import { attributeNumber, packetCode } from "../../packages/server/src/radius/protocol/packet/packet-code.ts";
import { draftPacket, type PacketDraft } from "../../packages/server/src/radius/protocol/packet/packet-writer.ts";
import { type SharedSecret, writePacketHmac } from "../../packages/server/src/radius/protocol/packet/shared-secret.ts";
import type { RadiusCase } from "./cases.ts";
import { accountAt, benchPassword, type PlannedSource, startOrStopAt, stationOf, usernameOf } from "./plan.ts";

/** Numbers of RFC 2865 §5, RFC 2866 §5 and RFC 2869 §5 that no part of the server has to know by itself. */
const number = {
  nasIpAddress: 4,
  nasPort: 5,
  serviceType: 6,
  framedIpAddress: 8,
  calledStation: 30,
  callingStation: 31,
  nasIdentifier: 32,
  statusType: 40,
  delayTime: 41,
  inputOctets: 42,
  outputOctets: 43,
  sessionId: 44,
  authentic: 45,
  sessionTime: 46,
  terminateCause: 49,
  inputGigawords: 52,
  outputGigawords: 53,
  nasPortType: 61,
} as const;

const status = { start: 1, stop: 2, interim: 3 } as const;

/** What an Accounting-Request tells. */
interface Report {
  readonly status: number;
  readonly account: number;
  readonly sessionId: string;
  readonly seconds: number;
}

/** Where a packet stands: its source's secret, and what else every packet of the source says. */
export interface Lane {
  readonly source: PlannedSource;
  readonly secret: SharedSecret;
  /** Accounts of each kind. */
  readonly accounts: number;
  /** Begins the session ids of this run. */
  readonly run: string;
}

const integer = (value: number): Buffer => {
  const octets = Buffer.allocUnsafe(4);
  octets.writeUInt32BE(value >>> 0);
  return octets;
};

const address = (text: string): Buffer => Buffer.from(isIPv4(text) ? text.split(".").map(Number) : [0, 0, 0, 0]);

const addPlace = (draft: PacketDraft, { source }: Lane, username: string, account: number): void => {
  draft.add(attributeNumber.userName, Buffer.from(username));
  draft.add(number.nasIpAddress, address(source.address));
  draft.add(number.nasIdentifier, Buffer.from(`${source.name}-${source.lane}`));
  draft.add(number.nasPort, integer(account));
  // Wireless-802.11 (RFC 2865 §5.41).
  draft.add(number.nasPortType, integer(19));
  draft.add(number.calledStation, Buffer.from(`02-00-00-00-00-0${source.lane}:bench`));
  draft.add(number.callingStation, Buffer.from(stationOf(account)));
};

/** The Access-Request of an account: PAP, with its Message-Authenticator first. */
export const loginPacket = (lane: Lane, identifier: number, accounts: RadiusCase["accounts"], account: number): Buffer => {
  const authenticator = randomBytes(16);
  const draft = draftPacket(packetCode.accessRequest, identifier, { hasMessageAuthenticator: true });
  addPlace(draft, lane, usernameOf(accounts, account), account);
  draft.add(attributeNumber.userPassword, hidePassword(Buffer.from(benchPassword), authenticator, lane.secret));
  // Login (RFC 2865 §5.6).
  draft.add(number.serviceType, integer(1));
  const bytes = draft.unsignedRequest(authenticator);
  writePacketHmac(bytes, 22, { bytes, authenticator, zeroAt: 22 }, lane.secret);
  return bytes;
};

const reportPacket = (lane: Lane, identifier: number, report: Report): Buffer => {
  const draft = draftPacket(packetCode.accountingRequest, identifier, { hasMessageAuthenticator: false });
  draft.add(number.statusType, integer(report.status));
  draft.add(number.sessionId, Buffer.from(report.sessionId));
  addPlace(draft, lane, usernameOf("timed", report.account), report.account);
  draft.add(number.framedIpAddress, integer(0x0a_00_00_00 + report.account));
  // RADIUS (RFC 2866 §5.6).
  draft.add(number.authentic, integer(1));
  draft.add(number.delayTime, integer(0));
  if (report.status !== status.start) {
    const octets = report.seconds * 1_250_000;
    draft.add(number.sessionTime, integer(report.seconds));
    draft.add(number.inputOctets, integer(octets % 2 ** 32));
    draft.add(number.outputOctets, integer((octets * 8) % 2 ** 32));
    draft.add(number.inputGigawords, integer(Math.floor(octets / 2 ** 32)));
    draft.add(number.outputGigawords, integer(Math.floor((octets * 8) / 2 ** 32)));
  }
  // User-Request (RFC 2866 §5.10).
  if (report.status === status.stop) draft.add(number.terminateCause, integer(1));
  return draft.signedRequest(lane.secret);
};

/**
 * The packet of a case at a place of a lane's order; `seconds` is what an Interim-Update reports. Two places a multiple of 256
 * apart have one identifier.
 */
export const packetAt = (lane: Lane, { id, accounts }: Pick<RadiusCase, "id" | "accounts">, place: number, seconds = 0): Buffer => {
  const identifier = place % 256;
  const account = accountAt(lane.source.lane, place, lane.accounts);
  if (id === "Interim") {
    return reportPacket(lane, identifier, { status: status.interim, account, sessionId: `${lane.run}-${account}`, seconds });
  }
  if (id === "StartStop") {
    const { session, isStart } = startOrStopAt(place);
    const sessionId = `${lane.run}-${lane.source.lane}-${session.toString(36)}`;
    const about = { account: accountAt(lane.source.lane, session, lane.accounts), sessionId, seconds: 30 };
    return reportPacket(lane, identifier, { ...about, status: isStart ? status.start : status.stop });
  }
  return loginPacket(lane, identifier, accounts, account);
};

/** The Start of an account's long session, of which the Interim-Updates tell. */
export const startPacket = (lane: Lane, place: number): Buffer => {
  const account = accountAt(lane.source.lane, place, lane.accounts);
  return reportPacket(lane, place % 256, { status: status.start, account, sessionId: `${lane.run}-${account}`, seconds: 0 });
};
