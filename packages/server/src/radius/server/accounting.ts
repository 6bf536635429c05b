import { readAttributes } from "../protocol/dictionary/attribute-reading.ts";
import { checkMessageAuthenticator, isSignedRequest } from "../protocol/packet/authenticators.ts";
import { authenticatorOf, type RadiusPacket, valuesOf } from "../protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../protocol/packet/packet-code.ts";
import { draftPacket } from "../protocol/packet/packet-writer.ts";
import type { Dialogue, Peer, VerifiedRequest } from "./exchange.ts";
import type { RadiusPorts } from "./ports.ts";

/** Why a request does not count: it is not signed by the secret (RFC 2866 §3), or a second signature that it carries is not. */
const refusal = (packet: RadiusPacket, { secret }: Peer<unknown>) => {
  const signature = checkMessageAuthenticator(packet, secret);
  if (signature === "forged") return "forged";
  // A Status-Server's authenticator is a random number, so its Message-Authenticator must vouch for it (RFC 5997 §3).
  if (packet.code === packetCode.statusServer) return signature === "absent" ? "message_authenticator_missing" : undefined;
  return isSignedRequest(packet, secret) ? undefined : "forged";
};

/** An Accounting-Response carries the request's Proxy-State, and nothing else (RFC 2866 §4.2). It is never too long, for the request was not. */
const writeResponse = ({ packet, secret }: VerifiedRequest<unknown>): Buffer => {
  const draft = draftPacket(packetCode.accountingResponse, packet.identifier, { hasMessageAuthenticator: false });
  for (const state of valuesOf(packet, attributeNumber.proxyState)) draft.add(attributeNumber.proxyState, state);
  return draft.answer(authenticatorOf(packet), secret);
};

/** The accounting port: acknowledged means stored (RFC 2866 §4.1). */
export const createAccounting = <Client extends object>(account: RadiusPorts<Client>["account"]): Dialogue<Client> => ({
  name: "accounting",
  requestCode: packetCode.accountingRequest,
  refusal,
  statusAnswer: writeResponse,
  async answer(request) {
    const { client, packet, sourceAddress, receivedAtMs } = request;
    const outcome = await account({ client, sourceAddress, attributes: readAttributes(packet), receivedAtMs });
    return { outcome: outcome === "stored" ? "recorded" : "ignored", bytes: writeResponse(request) };
  },
});
