import { formatInstant, parseHostName, parseNetwork, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { type AaaClient, type AaaClientFields, namesOf, usualCoaPort } from "./aaa-client.ts";
import type { ResolvedName } from "./resolved-names.ts";

type Replacement = Static<typeof schemas.AaaClientReplacement>;
type Patch = Static<typeof schemas.AaaClientPatch>;

/** The client as the API shows it, with what is known here of its names. */
export const presentAaaClient = (client: AaaClient, known: readonly ResolvedName[]): Static<typeof schemas.AaaClient> => ({
  id: client.id,
  short_name: client.shortName,
  organization: client.organizationId,
  address: client.address,
  more_addresses: [...client.moreAddresses],
  resolved_addresses: namesOf(client).map((name) => {
    const { addresses = [], refused = [], resolvedAtMs = null, failure = null } = known.find((one) => one.name === name) ?? {};
    const resolved_at = resolvedAtMs === null ? null : formatInstant(resolvedAtMs);
    return { name, addresses: [...addresses], refused: [...refused], resolved_at, failure };
  }),
  nas_identifier: client.nasIdentifier,
  description: client.description,
  coa_address: client.coaAddress,
  coa_port: client.coaPort,
  require_message_authenticator: client.requireMessageAuthenticator,
  is_active: client.isActive,
  created_at: formatInstant(client.createdAtMs),
  last_change: formatInstant(client.lastChangeMs),
});

/** The one spelling of an address; validation has made sure that it is one. */
export const canonicalAddress = (address: string): string => parseNetwork(address)?.canonical ?? address;

const canonicalPlace = (text: string): string => parseNetwork(text)?.canonical ?? parseHostName(text) ?? text;

/** What a body says of a client, for POST and PATCH: what it does not name is left alone. */
export const readAaaClientBody = (body: Patch): AaaClientFields => ({
  shortName: body.short_name,
  organization: body.organization,
  address: body.address === undefined ? undefined : canonicalAddress(body.address),
  moreAddresses: body.more_addresses?.map(canonicalPlace),
  secret: body.secret,
  nasIdentifier: body.nas_identifier,
  description: body.description,
  coaAddress: body.coa_address ? canonicalAddress(body.coa_address) : body.coa_address === undefined ? undefined : null,
  coaPort: body.coa_port,
  requireMessageAuthenticator: body.require_message_authenticator,
  isActive: body.is_active,
});

/** What a PUT says: what is left out returns to its default, the secret and the organization aside. */
export const readAaaClientReplacement = (body: Replacement): AaaClientFields => ({
  ...readAaaClientBody(body),
  moreAddresses: body.more_addresses?.map(canonicalPlace) ?? [],
  nasIdentifier: body.nas_identifier ?? null,
  description: body.description ?? null,
  coaAddress: body.coa_address ? canonicalAddress(body.coa_address) : null,
  coaPort: body.coa_port === undefined ? usualCoaPort : body.coa_port,
  requireMessageAuthenticator: body.require_message_authenticator ?? true,
  isActive: body.is_active ?? true,
});
