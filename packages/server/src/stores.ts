import { dictionarySecrets } from "./attribute-dictionary.ts";
import type { StoreFactories } from "./kernel/unit-of-work.ts";
import { type AaaProfileStore, aaaProfileStoreOver } from "./modules/accounts/aaa-profiles/index.ts";
import { createDeviceMoveStore, type DeviceMoveStore, type DeviceStore, deviceStoreOver } from "./modules/accounts/devices/index.ts";
import { createReversibleSecretStore, type ReversibleSecretStore } from "./modules/accounts/reversible-secrets/index.ts";
import {
  type BurnStore,
  burnStoreOver,
  createLedgerProofStore,
  createTimeLedgerStore,
  type LedgerProofStore,
  type TimeLedgerStore,
} from "./modules/accounts/time-ledger/index.ts";
import { type UserExtraStore, userExtraStoreOver } from "./modules/accounts/user-extras/index.ts";
import { type AccountLockStore, accountLockStoreOver, type UserStore, userStoreOver } from "./modules/accounts/users/index.ts";
import { type ApiTokenStore, apiTokenStoreOver } from "./modules/foundation/api-tokens/index.ts";
import { type AuditStore, createAuditStore } from "./modules/foundation/audit/index.ts";
import { createInstallationStore, type InstallationStore } from "./modules/foundation/installation/index.ts";
import type { SecretBox } from "./modules/foundation/keys/index.ts";
import { createOrganizationStore, type OrganizationStore } from "./modules/foundation/organizations/index.ts";
import { type AaaClientStore, aaaClientStoreOver } from "./modules/network/aaa-clients/index.ts";
import {
  type AddressGrantStore,
  type AddressUseStore,
  createAddressGrantStore,
  createAddressUseStore,
} from "./modules/network/address-grants/index.ts";
import {
  type PlanningStores,
  type SessionDeadlineStore,
  type SessionRequestStore,
  sessionDeadlineStoreOver,
  sessionRequestStoreOver,
} from "./modules/network/disconnects/index.ts";
import {
  type AccessDecisionStore,
  type AccessFactsStore,
  type AccessSlotStore,
  type AccountLoginStore,
  accessSlotStoreOver,
  accountLoginStoreOver,
  type ClientContactStore,
  createAccessDecisionStore,
  createAccessFactsStore,
  createClientContactStore,
} from "./modules/network/network-access/index.ts";
import {
  createReportedSessionStore,
  createSessionEventStore,
  type ReportedSessionStore,
  type SessionEventStore,
  type SessionStore,
  sessionStoreOver,
} from "./modules/network/sessions/index.ts";
import type { Capabilities, Handle } from "./storage/database.ts";

/** Every store, by the name under which units of work know it. */
export interface Stores {
  installation: InstallationStore;
  audit: AuditStore;
  organizations: OrganizationStore;
  apiTokens: ApiTokenStore;
  aaaProfiles: AaaProfileStore;
  accountLocks: AccountLockStore;
  users: UserStore;
  timeLedger: TimeLedgerStore;
  ledgerProof: LedgerProofStore;
  burns: BurnStore;
  reversibleSecrets: ReversibleSecretStore;
  devices: DeviceStore;
  deviceMoves: DeviceMoveStore;
  userExtras: UserExtraStore;
  addressGrants: AddressGrantStore;
  addressUses: AddressUseStore;
  aaaClients: AaaClientStore;
  accessFacts: AccessFactsStore;
  accessSlots: AccessSlotStore;
  accessDecisions: AccessDecisionStore;
  accountLogins: AccountLoginStore;
  clientContacts: ClientContactStore;
  sessions: SessionStore;
  reportedSessions: ReportedSessionStore;
  sessionEvents: SessionEventStore;
  sessionDeadlines: SessionDeadlineStore;
  sessionRequests: SessionRequestStore;
}

/** How each store is made for a unit, over what the database can do. */
export const storeFactories = (capabilities: Capabilities, secretBox: SecretBox): StoreFactories<Handle, Stores> => ({
  installation: createInstallationStore,
  audit: createAuditStore,
  organizations: createOrganizationStore,
  apiTokens: apiTokenStoreOver(capabilities),
  aaaProfiles: aaaProfileStoreOver({ capabilities, secretBox, isSecret: dictionarySecrets }),
  accountLocks: accountLockStoreOver(capabilities),
  users: userStoreOver(capabilities),
  timeLedger: createTimeLedgerStore,
  ledgerProof: createLedgerProofStore,
  burns: burnStoreOver(capabilities),
  reversibleSecrets: createReversibleSecretStore(secretBox),
  devices: deviceStoreOver(capabilities),
  deviceMoves: createDeviceMoveStore,
  userExtras: userExtraStoreOver({ capabilities, secretBox }),
  addressGrants: createAddressGrantStore,
  addressUses: createAddressUseStore,
  aaaClients: aaaClientStoreOver({ capabilities, secretBox }),
  accessFacts: createAccessFactsStore,
  accessSlots: accessSlotStoreOver(capabilities),
  accessDecisions: createAccessDecisionStore,
  accountLogins: accountLoginStoreOver(capabilities),
  clientContacts: createClientContactStore,
  sessions: sessionStoreOver(capabilities),
  reportedSessions: createReportedSessionStore,
  sessionEvents: createSessionEventStore,
  sessionDeadlines: sessionDeadlineStoreOver(capabilities),
  sessionRequests: sessionRequestStoreOver(capabilities),
});

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
