import { isIPv6 } from "node:net";
import { type Clock, type Delay, systemDelay } from "../../kernel/clock.ts";
import { maxSecretLength, type SharedSecret, sharedSecretOf } from "../protocol/packet/shared-secret.ts";
import { type LocalOrders, orderAddressFault } from "./order-address.ts";
import { openOrderChannel } from "./order-channel.ts";
import { createOrderDestination, type OrderDestination } from "./order-destination.ts";
import {
  encodeOrder,
  type OrderOutcome,
  type OrderProtection,
  type SessionOrder,
  unsupportedAttribute,
  writeOrder,
} from "./session-order.ts";

/** Sends orders about sessions to network equipment. */
export interface OrderSender {
  /** Resolves with what became of the order, at the latest after all waits; never rejects. */
  send(order: SessionOrder): Promise<OrderOutcome>;
  /** Gives up what is outstanding, as timed out. */
  close(): void;
}

export interface OrderSenderDependencies {
  readonly clock: Clock;
  /** Which addresses of this machine and its link orders may go to. */
  readonly localOrders: LocalOrders;
  /** Local addresses to send from, at most one of IPv4 and one of IPv6: equipment accepts orders from addresses that it knows. */
  readonly sourceAddresses?: readonly string[];
  /** How long each transmission waits for an answer, in milliseconds. */
  readonly waitsMs?: readonly number[];
  /** How those waits pass. */
  readonly delay?: Delay;
}

/** The same bytes again after 2, 4 and 8 seconds (RFC 5080 §2.2.1), and 4 more for the last answer. */
const ordinaryWaitsMs = [2_000, 4_000, 8_000, 4_000];

export const createOrderSender = (deps: OrderSenderDependencies): OrderSender => {
  const { clock, localOrders, sourceAddresses = [], waitsMs = ordinaryWaitsMs, delay = systemDelay } = deps;
  const destinations = new Map<string, OrderDestination>();
  let isClosed = false;

  const destinationOf = ({ address, port }: SessionOrder): OrderDestination => {
    const key = `${address} ${port}`;
    const source = sourceAddresses.find((one) => isIPv6(one) === isIPv6(address));
    const made = () =>
      createOrderDestination(
        (onClosed) => openOrderChannel({ address, port, sourceAddress: source, delay, onClosed }),
        () => destinations.delete(key),
      );
    const destination = destinations.get(key) ?? made();
    destinations.set(key, destination);
    return destination;
  };

  const attempt = (order: SessionOrder, attributes: Buffer, secret: SharedSecret, protection: OrderProtection): Promise<OrderOutcome> =>
    destinationOf(order).take((channel) =>
      channel.send((identifier) => writeOrder(order, identifier, attributes, secret, protection), secret, waitsMs),
    );

  return {
    async send(order) {
      const fault = orderAddressFault(order.address, localOrders);
      if (fault !== undefined) return { kind: "unsendable", fault };
      const encoded = encodeOrder(order);
      if ("fault" in encoded) return { kind: "unsendable", fault: encoded.fault };
      if (isClosed) return { kind: "timeout" };
      const octets = Buffer.from(order.secret);
      if (octets.length === 0 || octets.length > maxSecretLength) return { kind: "unsendable", fault: "The secret is empty or too long." };
      const secret = sharedSecretOf(octets);
      const protection = { hasMessageAuthenticator: true, eventTimestampMs: clock.nowMs() };
      const outcome = await attempt(order, encoded.octets, secret, protection);
      if (outcome.kind !== "nak" || outcome.errorCause !== unsupportedAttribute) return outcome;
      // Some equipment (OpenWrt's uspot, old RouterOS) refuses Message-Authenticator or Event-Timestamp; the authenticator still signs the order.
      return attempt(order, encoded.octets, secret, { hasMessageAuthenticator: false, eventTimestampMs: undefined });
    },
    close() {
      isClosed = true;
      for (const destination of destinations.values()) destination.close();
      destinations.clear();
    },
  };
};
