import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";

/** Which node heard a client, and when. */
export interface ClientContact {
  readonly namespaceId: number;
  readonly clientId: number;
  readonly node: string;
  readonly heardAtMs: number;
}

export type ClientContactStore = ReturnType<ReturnType<typeof clientContactStore>>;

/** Which node heard each client last: clients take requests only from addresses that they know. It belongs to the installation. */
export const clientContactStore = () => (handle: Handle, _scope: TenantScope | null) => ({
  /** When each client was heard last, by any node. */
  async listLast(): Promise<ReadonlyMap<number, number>> {
    const rows = await handle.selectFrom("client_contact").select(["client_id", "heard_at"]).execute();
    return new Map(rows.map((row) => [row.client_id, row.heard_at]));
  },

  async note(contacts: readonly ClientContact[]): Promise<void> {
    // In the order of ids: two nodes that hear the same clients then wait for each other, without a deadlock.
    for (const { namespaceId, clientId, node, heardAtMs } of [...contacts].sort((a, b) => a.clientId - b.clientId)) {
      await handle
        .insertInto("client_contact")
        .values({ name_space_id: namespaceId, client_id: clientId, node, heard_at: heardAtMs })
        .onConflict((conflict) => conflict.columns(["name_space_id", "client_id"]).doUpdateSet({ node, heard_at: heardAtMs }))
        .execute();
    }
  },
});
