import type { Network } from "@gatehouse-aaa/contract";
import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { isInside, keysHolding, keysInside, storedNetwork } from "./address-key.ts";

/** An address or range that an AAA client's packets come from. */
export interface AddressUse {
  readonly clientId: number;
  readonly organizationId: number;
  readonly shortName: string;
  readonly address: string;
}

export type AddressUseStore = ReturnType<ReturnType<typeof addressUseStore>>;

const lockName = "address_revision";

/** Which client, of whatever tenant, sends from where: it decides and is never shown as it is. */
export const addressUseStore = () => (handle: Handle, _scope: TenantScope | null) => {
  const clients = () =>
    handle
      .selectFrom("aaa_client")
      .select([
        "aaa_client.id as clientId",
        "aaa_client.organization_id as organizationId",
        "aaa_client.short_name as shortName",
        "aaa_client.coa_address as address",
      ])
      .where("aaa_client.coa_address", "is not", null)
      .orderBy("aaa_client.id");
  const uses = () =>
    handle
      .selectFrom("aaa_client_address")
      .innerJoin("aaa_client", "aaa_client.id", "aaa_client_address.client_id")
      .select([
        "aaa_client.id as clientId",
        "aaa_client.organization_id as organizationId",
        "aaa_client.short_name as shortName",
        "aaa_client_address.address as address",
      ])
      .orderBy("aaa_client.id");

  return {
    /** Keeps grants and uses of addresses from changing until the unit ends: two units at once could not see each other's. */
    async lock(): Promise<void> {
      await handle
        .insertInto("installation")
        .values({ name: lockName, value: "1" })
        .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: "1" }))
        .execute();
    },

    /** The uses that hold a whole network. */
    async listCovering(network: Network): Promise<AddressUse[]> {
      return uses()
        .where(isIn(sql.ref("aaa_client_address.address_key"), keysHolding(network)))
        .execute();
    },

    /** The uses of the clients of these organizations. */
    async listOf(organizationIds: readonly number[]): Promise<AddressUse[]> {
      return uses()
        .where(isIn(sql.ref("aaa_client.organization_id"), organizationIds))
        .execute();
    },

    /**
     * The places inside of a network where clients are asked to end sessions. Few have one of their own, and grants change
     * rarely: all are read.
     */
    async listAskedInside(network: Network): Promise<AddressUse[]> {
      const asked = await clients().execute();
      return asked.flatMap((one) =>
        one.address !== null && isInside(storedNetwork(one.address), network) ? { ...one, address: one.address } : [],
      );
    },

    /** The uses that lie inside of a network, or are it; at most so many. */
    async listInside(network: Network, most: number): Promise<AddressUse[]> {
      const [first, last] = keysInside(network);
      return uses()
        .where("aaa_client_address.address_key", ">=", first)
        .where("aaa_client_address.address_key", "<=", last)
        .limit(most)
        .execute();
    },
  };
};
