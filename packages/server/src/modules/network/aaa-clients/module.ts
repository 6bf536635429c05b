import { invalidField } from "../../../kernel/errors.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization, OrganizationDirectory, OrganizationMove } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import { type AddressStores, clientsLosing } from "../address-grants/index.ts";
import { aaaClientRoutes } from "./aaa-client.routes.ts";
import { type AaaClientStores, createAaaClientService } from "./aaa-client.service.ts";
import { type AaaClientStore, aaaClientStore } from "./aaa-client.store.ts";
import type { AaaClient } from "./aaa-client.ts";
import { clientReports } from "./client-reports.ts";
import { createNameBook } from "./name-book.ts";
import { createNameRounds, type NameLookup } from "./name-rounds.ts";
import { createServedClients } from "./served-clients.ts";
import { requireRoomAtShared } from "./shared-address-moves.ts";

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory };
  readonly dns: NameLookup;
  readonly clientAddresses: { readonly isOrdinary: (address: string) => boolean };
}

export const aaaClientModule = {
  name: "network/aaa-clients",
  needs: ["organizations", "dns", "clientAddresses"],
  nouns: ["aaa_client"],
  stores: { aaaClients: aaaClientStore },
  refusals: { aaa_client__short_name: () => invalidField("short_name", "This short name is taken in the organization.") },
  signals: ["aaa_client"],
  deletionBlockers: [
    {
      nouns: ["AAA client", "AAA clients"],
      count: async (stores: { readonly aaaClients: AaaClientStore }, organization: Organization) =>
        (await stores.aaaClients.list({ organization }, countAlone)).count,
    },
  ],
  moveBlockers: [
    {
      nouns: ["AAA client", "AAA clients"],
      async count(tx: AddressStores, move: OrganizationMove) {
        // As every unit does that changes who may use which address.
        await tx.addressUses.lock();
        await requireRoomAtShared(tx, move);
        return clientsLosing(tx, { ...move, above: [...move.leavesBehind, ...move.arrivesBelow] });
      },
    },
  ],
  build(house: House<AaaClientStores, "aaa_client">, { organizations: { directory }, dns, clientAddresses }: Needs) {
    const { work, ids, clock, logger, hooks } = house;
    const book = createNameBook(clock);
    const table = createServedClients({ work, directory, book, isOrdinary: clientAddresses.isOrdinary, reports: clientReports(logger) });
    const names = createNameRounds({ table, book, lookup: dns });
    const removed = async (client: AaaClient): Promise<void> => {
      for (const hook of hooks.afterClientDelete) await hook(client);
    };
    const service = createAaaClientService({ work, ids, directory, table, removed });
    const reload = () => void table.reload().catch((error: unknown) => logger.error({ err: error }, "the AAA clients could not be read"));
    return {
      service: { table, names },
      routes: aaaClientRoutes({ service, directory, work, table }),
      jobs: [
        // Signals tell of changes at once where they arrive; where they do not, clients are known half a minute later.
        { name: "read AAA clients", runs: "in_each_writer", everyMs: 30_000, run: () => table.reload() },
        { name: "look up the DNS names of AAA clients", runs: "in_each_process", everyMs: 60_000, run: async () => names.begin() },
      ],
      afterGrantChange: () => table.reload(),
      forgets: { aaa_client: reload, address_grant: reload, organization: reload },
      start: names.start,
      async close() {
        names.close();
        await table.close();
      },
    } as const;
  },
} as const;
