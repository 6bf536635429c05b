import { accountLockStoreOver } from "../modules/accounts/users/index.ts";
import { type PlanningStores, sessionDeadlineStoreOver, sessionRequestStoreOver } from "../modules/network/disconnects/index.ts";
import { createAccessFactsStore } from "../modules/network/network-access/index.ts";
import { createSessionEventStore, sessionStoreOver } from "../modules/network/sessions/index.ts";
import type { Capabilities, Handle } from "../storage/database.ts";

/** The stores by which the end of sessions is planned, without the wall between tenants, over the handle of a unit. */
export const unscopedStores = (capabilities: Capabilities) => {
  const [locks, sessions, deadlines, requests, events] = [
    accountLockStoreOver(capabilities),
    sessionStoreOver(capabilities),
    sessionDeadlineStoreOver(capabilities),
    sessionRequestStoreOver(capabilities),
    createSessionEventStore,
  ];
  return (handle: Handle): PlanningStores => ({
    accountLocks: locks(handle, null),
    accessFacts: createAccessFactsStore(handle, null),
    sessions: sessions(handle, null),
    sessionDeadlines: deadlines(handle, null),
    sessionRequests: requests(handle, null),
    sessionEvents: events(handle, null),
  });
};
