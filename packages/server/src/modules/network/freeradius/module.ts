import type { House } from "../../manifest.ts";
import type { AaaClient, ServedClients } from "../aaa-clients/index.ts";
import type { NetworkAccess, PostAuth, RequestSpelling } from "../network-access/index.ts";
import type { Accounting } from "../sessions/index.ts";
import { freeradiusRoutes } from "./freeradius.routes.ts";
import { createFreeradiusService } from "./freeradius.service.ts";

export interface Needs {
  readonly aaaClients: { readonly table: ServedClients };
  readonly networkAccess: { readonly access: NetworkAccess & PostAuth; noteContact(client: AaaClient, atMs: number): void };
  readonly sessions: { readonly accounting: Accounting };
  readonly dictionary: { readonly spelling: RequestSpelling };
}

export const freeradiusModule = {
  name: "network/freeradius",
  needs: ["aaaClients", "networkAccess", "sessions", "dictionary"],
  build({ clock }: House<unknown>, { aaaClients: { table }, networkAccess, sessions: { accounting }, dictionary: { spelling } }: Needs) {
    const { access, noteContact } = networkAccess;
    const service = createFreeradiusService({ table, access, accounting, clock, spelling, noteContact });
    return { routes: freeradiusRoutes({ service }) };
  },
} as const;
