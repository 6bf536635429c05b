import type { Credential, ReplyContext } from "../../aaa/words/access-request.ts";
import { firstOf } from "../../aaa/words/attributes.ts";
import { readAttributes } from "../protocol/dictionary/attribute-reading.ts";
import { vendorSpace } from "../protocol/dictionary/dictionary.ts";
import { encodeReply } from "../protocol/dictionary/reply-encoding.ts";
import { textOf } from "../protocol/dictionary/value-text.ts";
import { checkMessageAuthenticator } from "../protocol/packet/authenticators.ts";
import { chapProofOf } from "../protocol/packet/chap.ts";
import { revealPassword } from "../protocol/packet/hidden-value.ts";
import { authenticatorOf, hasAttribute, headerLength, maxPacketLength, type RadiusPacket, valuesOf } from "../protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import { draftPacket } from "../protocol/packet/packet-writer.ts";
import type { SharedSecret } from "../protocol/packet/shared-secret.ts";
import type { Dialogue, Peer, VerifiedRequest, Watch } from "./exchange.ts";
import type { RadiusPorts } from "./ports.ts";

/** How long a client waits at most for an answer, its retransmissions counted in. */
const patienceMs = 10_000;

/** ARAP-Password and Digest-Response (RFC 2869 §5.4, RFC 5090 §3.1). */
const arapPassword = 70;
const digestResponse = 103;
const microsoft = 311;
const messageAuthenticatorLength = 18;

/** Why an Access-Request is not answered (RFC 3579 §3.2, CVE-2024-3596). */
const refusal = (packet: RadiusPacket, { trust, secret }: Peer<unknown>, isShared: boolean) => {
  const signature = checkMessageAuthenticator(packet, secret);
  if (signature === "forged") return "forged";
  if (signature === "valid") return undefined;
  // The attack hides its collision in Proxy-State; EAP must be signed (RFC 3579 §3.2), and Status-Server too (RFC 5997 §3).
  const needsSignature =
    isShared ||
    trust.requiresMessageAuthenticator ||
    packet.code === packetCode.statusServer ||
    hasAttribute(packet, attributeNumber.proxyState) ||
    hasAttribute(packet, attributeNumber.eapMessage);
  return needsSignature ? "message_authenticator_missing" : undefined;
};

/**
 * The credential of an Access-Request; undefined where there are two, or one is not whole. A password that is not UTF-8 is
 * read as Latin-1: as UTF-8 it could match nothing.
 */
const credentialOf = (packet: RadiusPacket, secret: SharedSecret): Credential | undefined => {
  const hidden = valuesOf(packet, attributeNumber.userPassword);
  const hasChap = hasAttribute(packet, attributeNumber.chapPassword);
  // RFC 2865 §4.1: not both.
  if (hidden.length > 1 || (hidden.length > 0 && hasChap)) return undefined;
  if (hasAttribute(packet, attributeNumber.eapMessage)) return { method: "unsupported", name: "EAP" };
  if (hidden.length > 0) {
    const password = revealPassword(hidden[0]!, packet, secret);
    return password && { method: "pap", password: Buffer.from(textOf(password)) };
  }
  if (hasChap) {
    const proof = chapProofOf(packet);
    return proof && { method: "chap", ...proof };
  }
  if (hasMsChap(packet)) return { method: "unsupported", name: "MS-CHAP" };
  if (hasAttribute(packet, arapPassword)) return { method: "unsupported", name: "ARAP" };
  if (hasAttribute(packet, digestResponse)) return { method: "unsupported", name: "Digest" };
  return { method: "none" };
};

const msChapResponses = ["MS-CHAP-Response", "MS-CHAP2-Response"];

const hasMsChap = (packet: RadiusPacket): boolean =>
  valuesOf(packet, attributeNumber.vendorSpecific).some((value) => {
    if (value.length < 6 || value.readUInt32BE(0) !== microsoft) return false;
    const definition = vendorSpace(microsoft)?.attributes.get(value[4]!);
    return definition !== undefined && msChapResponses.includes(definition.name);
  });

const replyContextOf = ({ packet, secret }: VerifiedRequest<unknown>): ReplyContext => {
  let maxOctets = maxPacketLength - headerLength - messageAuthenticatorLength;
  for (const state of valuesOf(packet, attributeNumber.proxyState)) maxOctets -= 2 + state.length;
  return { secret, requestAuthenticator: authenticatorOf(packet), maxOctets };
};

/** Writes an answer to an Access-Request: its Message-Authenticator first, the request's Proxy-State last, in order. */
const writeAnswer = ({ packet, secret }: VerifiedRequest<unknown>, code: number, attributes: Buffer): Buffer => {
  const draft = draftPacket(code, packet.identifier, { hasMessageAuthenticator: true });
  const isWhole =
    draft.addEncoded(attributes) &&
    valuesOf(packet, attributeNumber.proxyState).every((state) => draft.add(attributeNumber.proxyState, state));
  if (!isWhole) throw new Error("An answer is longer than the room that its request leaves.");
  return draft.answer(authenticatorOf(packet), secret);
};

const nothing = Buffer.alloc(0);

/** The authentication port: reads an Access-Request, has it decided, and writes the answer. */
export const createAuthentication = <Client extends object>(
  { authorize, shareOf }: Pick<RadiusPorts<Client>, "authorize" | "shareOf">,
  { clock, failures }: Pick<Watch, "clock" | "failures">,
): Dialogue<Client> => {
  const warnUnwritable = (request: VerifiedRequest<Client>, fault: string): void => {
    const fields = { client: request.trust.name, fault };
    const payer = shareOf(request.client, "")[0];
    failures.warn(payer, `unwritable ${fault}`, fields, "an answer could not be written, so the login is rejected");
  };

  return {
    name: "authentication",
    requestCode: packetCode.accessRequest,
    refusal,
    statusAnswer: (request) => writeAnswer(request, packetCode.accessAccept, nothing),
    async answer(request, stepAside) {
      const { client, packet, secret, receivedAtMs } = request;
      const credential = credentialOf(packet, secret);
      if (credential === undefined) return { outcome: "malformed", bytes: undefined };
      const attributes = readAttributes(packet);
      const userName = firstOf(attributes, "User-Name") ?? "";
      const isWanted = () => clock.nowMs() <= receivedAtMs + patienceMs;
      const replyContext = replyContextOf(request);
      const answer = await authorize({ client, source: "radius", userName, credential, attributes, isWanted, stepAside, replyContext });
      if (answer.outcome === "accept") {
        if (answer.octets === undefined) throw new Error("An Access-Accept came without its attributes.");
        return { outcome: "accepted", bytes: writeAnswer(request, packetCode.accessAccept, answer.octets) };
      }
      if (answer.fault !== undefined) warnUnwritable(request, answer.fault);
      const message = encodeReply([{ attribute: "Reply-Message", value: answer.message }], replyContext);
      return { outcome: "rejected", bytes: writeAnswer(request, packetCode.accessReject, "octets" in message ? message.octets : nothing) };
    },
  };
};
