import type { StoreFactories } from "./kernel/unit-of-work.ts";
import { type AaaProfileStore, aaaProfileStoreOver } from "./modules/accounts/aaa-profiles/index.ts";
import { createDeviceMoveStore, type DeviceMoveStore, type DeviceStore, deviceStoreOver } from "./modules/accounts/devices/index.ts";
import { createReversibleSecretStore, type ReversibleSecretStore } from "./modules/accounts/reversible-secrets/index.ts";
import {
  createLedgerProofStore,
  type LedgerProofStore,
  type TimeLedgerStore,
  timeLedgerStoreOver,
} from "./modules/accounts/time-ledger/index.ts";
import { type UserExtraStore, userExtraStoreOver } from "./modules/accounts/user-extras/index.ts";
import { type UserStore, userStoreOver } from "./modules/accounts/users/index.ts";
import { type ApiTokenStore, apiTokenStoreOver } from "./modules/foundation/api-tokens/index.ts";
import { createInstallationStore, type InstallationStore } from "./modules/foundation/installation/index.ts";
import type { SecretBox } from "./modules/foundation/keys/index.ts";
import { createOrganizationStore, type OrganizationStore } from "./modules/foundation/organizations/index.ts";
import { type AaaClientStore, aaaClientStoreOver } from "./modules/network/aaa-clients/index.ts";
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
import type { Capabilities, Handle } from "./storage/database.ts";

/** Every store, by the name under which units of work know it. */
export interface Stores {
  installation: InstallationStore;
  organizations: OrganizationStore;
  apiTokens: ApiTokenStore;
  aaaProfiles: AaaProfileStore;
  users: UserStore;
  timeLedger: TimeLedgerStore;
  ledgerProof: LedgerProofStore;
  reversibleSecrets: ReversibleSecretStore;
  devices: DeviceStore;
  deviceMoves: DeviceMoveStore;
  userExtras: UserExtraStore;
  aaaClients: AaaClientStore;
  accessFacts: AccessFactsStore;
  accessSlots: AccessSlotStore;
  accessDecisions: AccessDecisionStore;
  accountLogins: AccountLoginStore;
  clientContacts: ClientContactStore;
}

/** How each store is made for a unit, over what the database can do. */
export const storeFactories = (capabilities: Capabilities, secretBox: SecretBox): StoreFactories<Handle, Stores> => ({
  installation: createInstallationStore,
  organizations: createOrganizationStore,
  apiTokens: apiTokenStoreOver(capabilities),
  aaaProfiles: aaaProfileStoreOver(capabilities),
  users: userStoreOver(capabilities),
  timeLedger: timeLedgerStoreOver(capabilities),
  ledgerProof: createLedgerProofStore,
  reversibleSecrets: createReversibleSecretStore(secretBox),
  devices: deviceStoreOver(capabilities),
  deviceMoves: createDeviceMoveStore,
  userExtras: userExtraStoreOver({ capabilities, secretBox }),
  aaaClients: aaaClientStoreOver({ capabilities, secretBox }),
  accessFacts: createAccessFactsStore,
  accessSlots: accessSlotStoreOver(capabilities),
  accessDecisions: createAccessDecisionStore,
  accountLogins: accountLoginStoreOver(capabilities),
  clientContacts: createClientContactStore,
});
