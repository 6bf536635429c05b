import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";

/** Which node a client sent packets to, and when. */
export interface ClientContact {
  readonly namespaceId: number;
  readonly clientId: number;
  readonly node: string;
  readonly heardAtMs: number;
}

export type ClientContactStore = ReturnType<ReturnType<typeof clientContactStore>>;

/** The node to which each client last sent a packet: clients take requests only from addresses that they know. It belongs to the installation. */
export const clientContactStore = () => (handle: Handle, _scope: TenantScope | null) => ({
  /** When each client last sent a packet, to any node. */
  async listLast(): Promise<ReadonlyMap<number, number>> {
    const rows = await handle.selectFrom("client_contact").select(["client_id", "last_seen_at"]).execute();
    return new Map(rows.map((row) => [row.client_id, row.last_seen_at]));
  },

  async note(contacts: readonly ClientContact[]): Promise<void> {
    // In the order of ids: two nodes that hear the same clients then wait for each other, without a deadlock.
    for (const { namespaceId, clientId, node, heardAtMs } of [...contacts].sort((a, b) => a.clientId - b.clientId)) {
      await handle
        .insertInto("client_contact")
        .values({ name_space_id: namespaceId, client_id: clientId, node, last_seen_at: heardAtMs })
        .onConflict((conflict) => conflict.columns(["name_space_id", "client_id"]).doUpdateSet({ node, last_seen_at: heardAtMs }))
        .execute();
    }
  },
});
