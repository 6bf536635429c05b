import { formatInstant, parseNetwork, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import type { Image } from "../../../kernel/change.ts";

/** Addresses that an organization holds. */
export interface AddressGrant {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  /** In canonical form. */
  readonly network: string;
  readonly isShared: boolean;
  /** It came with the upgrade, and overlaps the grant of an organization that is not in line with it. */
  readonly isDisputed: boolean;
  readonly description: string | null;
  readonly createdAtMs: number;
  readonly lastChangeMs: number;
  readonly version: number;
}

/** What a request wants of a grant. What is undefined stays as it is. */
export interface AddressGrantFields {
  readonly organization?: number | string | undefined;
  readonly network?: string | undefined;
  readonly isShared?: boolean | undefined;
  readonly description?: string | null | undefined;
}

/** The grant as the audit trail keeps it. */
export const imageOfGrant = (grant: AddressGrant): Image => ({
  organization: grant.organizationId,
  network: grant.network,
  shared: grant.isShared,
  description: grant.description,
});

/** The grant as the API shows it; `showsDisputes` to who sees everybody, for a dispute reveals others. */
export const presentAddressGrant = (grant: AddressGrant, showsDisputes: boolean): Static<typeof schemas.AddressGrant> => ({
  id: grant.id,
  organization: grant.organizationId,
  network: grant.network,
  shared: grant.isShared,
  disputed: showsDisputes && grant.isDisputed,
  description: grant.description,
  created_at: formatInstant(grant.createdAtMs),
  last_change: formatInstant(grant.lastChangeMs),
});

/** What a body says of a grant; validation has made sure that a network is one. */
export const readAddressGrantBody = (body: Static<typeof schemas.AddressGrantPatch>): AddressGrantFields => ({
  organization: body.organization,
  network: body.network === undefined ? undefined : parseNetwork(body.network)?.canonical,
  isShared: body.shared,
  description: body.description,
});
