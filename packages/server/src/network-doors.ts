import type { Logger } from "pino";
import type { Config } from "./config/settings.ts";
import { createOrderSender } from "./egress/order-sender.ts";
import { type Clock, type Delay, systemDelay } from "./kernel/clock.ts";
import type { AaaClient } from "./modules/network/aaa-clients/index.ts";
import type { OrderPort } from "./modules/network/disconnects/index.ts";
import { type AttributeSpelling, type Credential, firstOf } from "./modules/network/network-access/index.ts";
import type { Network } from "./network.ts";
import type { AccessRequest, RadiusPorts, Credential as ShownCredential } from "./radius/ports.ts";
import { createRadiusDoor, type RadiusDoor } from "./radius/radius-door.ts";
import { canonicalValue } from "./radius-protocol/dictionary/attribute-faults.ts";
import { findAttribute } from "./radius-protocol/dictionary/attribute-names.ts";

/** Attributes as the dictionary writes them: profiles and requests are compared in this spelling. */
export const dictionarySpelling: AttributeSpelling = {
  name(name) {
    const found = findAttribute(name);
    if (!found) return name;
    return found.tag === undefined ? found.definition.name : `${found.definition.name}:${found.tag}`;
  },
  value: (name, value) => canonicalValue(name, value) ?? value,
};

/** Orders to clients, by UDP. */
export const orderPort = (config: Config, clock: Clock, delay: Delay = systemDelay): OrderPort & { close(): void } => {
  const sender = createOrderSender({ clock, sourceAddresses: config.radiusSourceAddresses, delay });
  return {
    send: ({ client, kind, address, session, changes }) =>
      sender.send({
        kind: kind === "disconnect" ? "disconnect" : "coa",
        address,
        port: client.coaPort!,
        secret: client.secret,
        session,
        ...(changes.length > 0 ? { changes } : {}),
      }),
    close: () => sender.close(),
  };
};

/** The embedded RADIUS server over the floor that every door shares. */
export const radiusDoor = (network: Network, config: Config, clock: Clock, logger: Logger): RadiusDoor =>
  createRadiusDoor({
    ports: radiusPorts(network),
    places: { hosts: config.radiusHosts, authPort: config.radiusAuthPort, acctPort: config.radiusAcctPort },
    clock,
    logger,
  });

const radiusPorts = ({ clientTable, access, accounting, heard }: Network): RadiusPorts<AaaClient> => ({
  findClient: clientTable.find,
  trustOf: (client) => ({
    name: client.shortName,
    secret: client.secret,
    requiresMessageAuthenticator: client.requireMessageAuthenticator,
  }),
  async authorize(request) {
    heard(request.client, request.receivedAtMs);
    const answer = await access.authorize(accessRequestOf(request));
    if (answer.outcome === "reject") return { code: "reject", attributes: [{ name: "Reply-Message", value: answer.message }] };
    return { code: "accept", attributes: answer.reply.map(({ attribute, value }) => ({ name: attribute, value })) };
  },
  async account({ client, attributes, sourceAddress, receivedAtMs }) {
    heard(client, receivedAtMs);
    return accounting.account({ client, attributes, sourceAddress, receivedAtMs });
  },
});

const accessRequestOf = ({ client, credential, attributes }: AccessRequest<AaaClient>) => ({
  client,
  door: "radius" as const,
  userName: firstOf(attributes, "User-Name") ?? "",
  credential: credentialOf(credential),
  attributes,
});

const credentialOf = (shown: ShownCredential): Credential => {
  switch (shown.kind) {
    case "password":
      return { method: "pap", password: Buffer.from(shown.password) };
    case "chap":
      return { method: "chap", ...shown.proof };
    case "unsupported":
      return { method: "unsupported" };
    case "none":
      return { method: "none" };
  }
};
