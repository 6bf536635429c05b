import { parseNetwork } from "@gatehouse-aaa/contract";
import type { Caller } from "../../../kernel/caller.ts";
import type { Image } from "../../../kernel/change.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";

/** Network equipment that asks and reports by RADIUS. */
export interface AaaClient {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly shortName: string;
  /** The address or range that its packets come from, in canonical form. */
  readonly address: string;
  /** Further ones, in canonical form, and DNS names of such. */
  readonly moreAddresses: readonly string[];
  readonly secret: string;
  readonly nasIdentifier: string | null;
  readonly description: string | null;
  /** Where it takes Disconnect and CoA requests; null: where its packets come from. */
  readonly coaAddress: string | null;
  /** The port for them; null: it takes none. */
  readonly coaPort: number | null;
  readonly requireMessageAuthenticator: boolean;
  readonly isActive: boolean;
  readonly createdAtMs: number;
  readonly lastChangeMs: number;
  readonly version: number;
}

/** A client whose secret or further addresses cannot be read: it keeps its addresses, and no packet from there is answered. */
export type DamagedClient = Omit<AaaClient, "secret">;

/** Where a client's packets come from, without what it has by DNS names: each address or range once. */
export const addressesOf = ({ address, moreAddresses }: Pick<AaaClient, "address" | "moreAddresses">): string[] => [
  ...new Set([address, ...moreAddresses.filter((one) => !isName(one))]),
];

/** The DNS names of addresses that a client's packets come from. */
export const namesOf = ({ moreAddresses }: Pick<AaaClient, "moreAddresses">): string[] => moreAddresses.filter(isName);

const isName = (text: string): boolean => parseNetwork(text) === undefined;

/** What a request wants of a client. What is undefined stays as it is. */
export interface AaaClientFields {
  readonly shortName?: string | undefined;
  /** An organization's id, as integer or digits, or its slug. */
  readonly organization?: number | string | undefined;
  readonly address?: string | undefined;
  readonly moreAddresses?: readonly string[] | undefined;
  readonly secret?: string | undefined;
  readonly nasIdentifier?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly coaAddress?: string | null | undefined;
  readonly coaPort?: number | null | undefined;
  readonly requireMessageAuthenticator?: boolean | undefined;
  readonly isActive?: boolean | undefined;
}

/** The port of RFC 5176 §2.1. */
export const usualCoaPort = 3799;

/** A client before it is one: what a create begins with. */
export const blankClient = (id: number, nowMs: number): AaaClient => ({
  id,
  namespaceId: 0,
  organizationId: 0,
  shortName: "",
  address: "",
  moreAddresses: [],
  secret: "",
  nasIdentifier: null,
  description: null,
  coaAddress: null,
  coaPort: usualCoaPort,
  requireMessageAuthenticator: true,
  isActive: true,
  createdAtMs: nowMs,
  lastChangeMs: nowMs,
  version: 0,
});

/** The client as who does something: it sees what its organization sees. */
export const callerOfClient = (client: AaaClient, scope: TenantScope, requestId: string): Caller => ({
  actor: { kind: "aaa_client", id: client.id, name: client.shortName },
  scopes: noScopes,
  scope,
  expiresAtMs: null,
  requestId,
  address: client.address,
});

/** How shares of slow work name a client. */
export const payerOfClient = ({ id }: Pick<AaaClient, "id">): string => `aaa_client:${id}`;

const noScopes: Caller["scopes"] = new Set();

/** The client as the audit trail keeps it. Of the secret only that there is one, and whether it changed. */
export const imageOfClient = (client: AaaClient, secretChanged = false): Image => ({
  organization: client.organizationId,
  short_name: client.shortName,
  address: client.address,
  more_addresses: client.moreAddresses,
  secret: secretChanged ? "*** (changed)" : "***",
  nas_identifier: client.nasIdentifier,
  description: client.description,
  coa_address: client.coaAddress,
  coa_port: client.coaPort,
  require_message_authenticator: client.requireMessageAuthenticator,
  is_active: client.isActive,
});
