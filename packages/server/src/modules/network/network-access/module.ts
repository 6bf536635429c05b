import { accessDecisionStore } from "./access-decision.store.ts";
import { accessFactsStore } from "./access-facts.store.ts";
import { accountLoginStore } from "./account-login.store.ts";
import { clientContactStore } from "./client-contact.store.ts";
import { reservationStore } from "./reservation.store.ts";

export const networkAccessModule = {
  name: "network/network-access",
  nouns: ["access_decision"],
  stores: {
    accessFacts: accessFactsStore,
    reservations: reservationStore,
    accessDecisions: accessDecisionStore,
    accountLogins: accountLoginStore,
    clientContacts: clientContactStore,
  },
} as const;
