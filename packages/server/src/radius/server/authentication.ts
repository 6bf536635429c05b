import { whenAtHand } from "../../kernel/at-hand.ts";
import { type AttributeText, encodeAttributes } from "../protocol/dictionary/attribute-encoding.ts";
import { findAttribute } from "../protocol/dictionary/attribute-names.ts";
import { readAttributes } from "../protocol/dictionary/attribute-reading.ts";
import { judgeMessageAuthenticator } from "../protocol/packet/authenticators.ts";
import { authenticatorOf, hasAttribute, type RadiusPacket, valuesOf } from "../protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import { draftPacket } from "../protocol/packet/packet-writer.ts";
import { credentialOf } from "./credential.ts";
import type { Answer, Dialogue, Peer, VerifiedRequest } from "./exchange.ts";
import type { AccessAnswer, RadiusPorts, WrittenAccept } from "./ports.ts";
import type { ThrottledLog } from "./throttled-log.ts";

/** How long a client waits at most for an answer, its retransmissions counted in. */
export const patienceMs = 10_000;

/** Writes an answer to an Access-Request: its Message-Authenticator first, the request's Proxy-State in order; undefined where it is too long. */
const writeAnswer = (
  { packet, secret }: Pick<VerifiedRequest<unknown>, "packet" | "secret">,
  code: number,
  attributes: Buffer,
): Buffer | undefined => {
  const draft = draftPacket(code, packet.identifier, { hasMessageAuthenticator: true });
  const fits =
    draft.addEncoded(attributes) &&
    valuesOf(packet, attributeNumber.proxyState).every((state) => draft.add(attributeNumber.proxyState, state));
  return fits ? draft.answer(authenticatorOf(packet), secret) : undefined;
};

const nothing = Buffer.alloc(0);

/** Why an Access-Request does not count (RFC 3579 §3.2, CVE-2024-3596). */
const refusal = (packet: RadiusPacket, { trust, secret }: Peer<unknown>, isShared: boolean) => {
  const signature = judgeMessageAuthenticator(packet, secret);
  if (signature === "forged") return "forged";
  if (signature === "valid") return undefined;
  // Proxy-State is where the attack hides its collision, EAP is not to be without a signature, and RFC 5997 §3 wants one.
  const needsSignature =
    isShared ||
    trust.requiresMessageAuthenticator ||
    packet.code === packetCode.statusServer ||
    hasAttribute(packet, attributeNumber.proxyState) ||
    hasAttribute(packet, attributeNumber.eapMessage);
  return needsSignature ? "message_authenticator_missing" : undefined;
};

/** The attributes of an answer as octets, or the sentence that says which cannot be written. */
const encodeAnswer = (attributes: readonly AttributeText[], { secret, packet }: VerifiedRequest<unknown>) => {
  const own = attributes.find(({ name }) => findAttribute(name)?.definition.use === "door");
  if (own !== undefined) return { fault: `${own.name} is written by the protocol itself.` };
  return encodeAttributes(attributes, { secret, requestAuthenticator: authenticatorOf(packet) });
};

/** The authentication port: Access-Requests are judged, and handed to the decision. */
export const createAuthentication = <Client extends object>(
  { authorize, shareOf }: Pick<RadiusPorts<Client>, "authorize" | "shareOf">,
  failures: ThrottledLog,
): Dialogue<Client> => {
  const write = (request: VerifiedRequest<Client>, code: number, attributes: readonly AttributeText[]): WrittenAccept => {
    const encoded = encodeAnswer(attributes, request);
    const bytes = "octets" in encoded ? writeAnswer(request, code, encoded.octets) : undefined;
    if (bytes !== undefined) return { bytes };
    const fault = "fault" in encoded ? encoded.fault : "The answer is longer than 4,096 octets.";
    const fields = { client: request.trust.name, fault };
    failures.warn(
      shareOf(request.client, "")[0],
      `unwritable ${fault}`,
      fields,
      "an answer could not be written, so the login is rejected",
    );
    return { fault };
  };

  const finish = (request: VerifiedRequest<Client>, answer: AccessAnswer): Answer => {
    if (answer.code === "ignore") return { fate: "ignored", bytes: undefined };
    if (answer.code === "accept") return { fate: "accepted", bytes: answer.bytes };
    const messages = answer.attributes.filter(({ name }) => /^reply-message$/i.test(name));
    const written = write(request, packetCode.accessReject, messages);
    return { fate: "rejected", bytes: "bytes" in written ? written.bytes : writeAnswer(request, packetCode.accessReject, nothing) };
  };

  return {
    name: "authentication",
    requestCode: packetCode.accessRequest,
    refusal,
    statusAnswer: (request) => writeAnswer(request, packetCode.accessAccept, nothing)!,
    answer(request, stepAside) {
      const { client, packet, secret, sourceAddress, receivedAtMs } = request;
      const credential = credentialOf(packet, secret);
      if (credential === undefined) return { fate: "malformed", bytes: undefined };
      const attributes = readAttributes(packet);
      const deadlineMs = receivedAtMs + patienceMs;
      const writeAccept = (wanted: readonly AttributeText[]) => write(request, packetCode.accessAccept, wanted);
      const asking = authorize({ client, credential, attributes, sourceAddress, receivedAtMs, deadlineMs, stepAside, write: writeAccept });
      return whenAtHand(asking, (answer) => finish(request, answer));
    },
  };
};
