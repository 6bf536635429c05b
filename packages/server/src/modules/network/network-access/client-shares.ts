import type { Share } from "../../../kernel/fair-line.ts";
import { type AaaClient, payerOfClient } from "../aaa-clients/index.ts";

/** Says who pays for a packet before anybody has looked whom it means: without waiting, for every packet asks. */
export const createClientShares =
  (payerOf: (organizationId: number) => string) =>
  (client: AaaClient, station: string): Share => [payerOf(client.organizationId), payerOfClient(client), station];
