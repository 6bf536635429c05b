import { isIPv6 } from "node:net";
import {
  type DynamicAuthorizationClient,
  type DynamicAuthorizationOutcome,
  type DynamicAuthorizationRequest,
  errorCauses,
} from "../../aaa/words/dynamic-authorization.ts";
import { type Clock, type Delay, systemDelay } from "../../kernel/clock.ts";
import { maxSecretLength, type SharedSecret, sharedSecretOf } from "../protocol/packet/shared-secret.ts";
import { createDestination, type Destination } from "./destination.ts";
import { destinationFault, type LocalDestinations } from "./destination-address.ts";
import { encodeRequest, type RequestProtection, writeRequest } from "./request-packet.ts";

export interface ClientDependencies {
  readonly clock: Clock;
  /** Which addresses of this machine and its link requests may go to. */
  readonly localDestinations: LocalDestinations;
  /** Local addresses to send from, at most one of IPv4 and one of IPv6: equipment takes requests from addresses that it knows. */
  readonly sourceAddresses?: readonly string[];
  /** How long each transmission waits for an answer, in milliseconds. */
  readonly waitsMs?: readonly number[];
  /** How those waits pass. */
  readonly delay?: Delay;
}

/** A client with sockets; `close` ends what is outstanding, as timed out. */
export interface UdpClient extends DynamicAuthorizationClient {
  close(): void;
}

/** The same bytes again after 2, 4 and 8 seconds (RFC 5080 §2.2.1), and 4 more for the last answer. */
const ordinaryWaitsMs = [2_000, 4_000, 8_000, 4_000];

/** The dynamic authorization client of RFC 5176: it sends CoA-Requests and Disconnect-Requests to NASes by UDP. */
export const createDynamicAuthorizationClient = (deps: ClientDependencies): UdpClient => {
  const { clock, localDestinations, sourceAddresses = [], waitsMs = ordinaryWaitsMs, delay = systemDelay } = deps;
  const destinations = new Map<string, Destination>();
  let isClosed = false;

  const destinationOf = ({ address, port }: DynamicAuthorizationRequest): Destination => {
    const key = `${address} ${port}`;
    const known = destinations.get(key);
    if (known) return known;
    const sourceAddress = sourceAddresses.find((one) => isIPv6(one) === isIPv6(address));
    const destination = createDestination({ address, port, sourceAddress, delay }, () => destinations.delete(key));
    destinations.set(key, destination);
    return destination;
  };

  const transmit = (
    request: DynamicAuthorizationRequest,
    attributes: Buffer,
    secret: SharedSecret,
    protection: RequestProtection,
  ): Promise<DynamicAuthorizationOutcome> =>
    destinationOf(request).send({
      write: (identifier) => writeRequest(request.kind, identifier, attributes, secret, protection),
      secret,
      waitsMs,
    });

  return {
    async send(request) {
      const fault = destinationFault(request.address, localDestinations);
      if (fault !== undefined) return { kind: "unsendable", fault };
      const encoded = encodeRequest(request);
      if ("fault" in encoded) return { kind: "unsendable", fault: encoded.fault };
      if (isClosed) return { kind: "timeout" };
      const octets = Buffer.from(request.secret);
      if (octets.length === 0 || octets.length > maxSecretLength) return { kind: "unsendable", fault: "The secret is empty or too long." };
      const secret = sharedSecretOf(octets);
      const protection = { hasMessageAuthenticator: true, eventTimestampMs: clock.nowMs() };
      const outcome = await transmit(request, encoded.octets, secret, protection);
      if (!("errorCause" in outcome) || outcome.errorCause !== errorCauses.unsupportedAttribute) return outcome;
      // Some equipment (OpenWrt's uspot, old RouterOS) refuses Message-Authenticator or Event-Timestamp; the authenticator still signs the request.
      return transmit(request, encoded.octets, secret, { hasMessageAuthenticator: false, eventTimestampMs: undefined });
    },
    close() {
      isClosed = true;
      for (const destination of destinations.values()) destination.close();
      destinations.clear();
    },
  };
};
