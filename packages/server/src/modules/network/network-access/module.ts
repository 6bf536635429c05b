import type { StoreTools } from "../../manifest.ts";
import { createAccessDecisionStore } from "./access-decision.store.ts";
import { createAccessFactsStore } from "./access-facts.store.ts";
import { accessSlotStoreOver } from "./access-slot.store.ts";
import { accountLoginStoreOver } from "./account-login.store.ts";
import { createClientContactStore } from "./client-contact.store.ts";

export const networkAccessModule = {
  name: "network/network-access",
  nouns: ["access_decision"],
  stores: ({ capabilities }: StoreTools) => ({
    accessFacts: createAccessFactsStore,
    accessSlots: accessSlotStoreOver(capabilities),
    accessDecisions: createAccessDecisionStore,
    accountLogins: accountLoginStoreOver(capabilities),
    clientContacts: createClientContactStore,
  }),
} as const;
