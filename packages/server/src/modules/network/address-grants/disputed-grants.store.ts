import { sql } from "kysely";
import type { Handle } from "../../../storage/database.ts";

/** A grant that overlaps the grant of an organization that is not in line with it. */
export interface DisputedGrant {
  readonly id: number;
  readonly network: string;
  readonly organizationId: number;
  readonly slug: string;
}

/** The grants of all tenants that overlap, for the person who runs the machine. */
export const listDisputedGrants = (handle: Handle): Promise<DisputedGrant[]> =>
  handle
    .selectFrom("address_grant")
    .innerJoin("organization", "organization.id", "address_grant.organization_id")
    .select(["address_grant.id as id", "network", "organization.id as organizationId", "slug"])
    .where("is_disputed", "=", sql<boolean>`true`)
    .orderBy("network_key")
    .execute();
