import type { StoreFactories } from "../kernel/unit-of-work.ts";
import { aaaProfileModule } from "../modules/accounts/aaa-profiles/module.ts";
import { deviceModule } from "../modules/accounts/devices/module.ts";
import { reversibleSecretModule } from "../modules/accounts/reversible-secrets/module.ts";
import { timeLedgerModule } from "../modules/accounts/time-ledger/module.ts";
import { userExtraModule } from "../modules/accounts/user-extras/module.ts";
import { userModule } from "../modules/accounts/users/module.ts";
import { apiTokenModule } from "../modules/foundation/api-tokens/module.ts";
import { changeLogModule } from "../modules/foundation/change-log/module.ts";
import { installationModule } from "../modules/foundation/installation/module.ts";
import { keptCountModule } from "../modules/foundation/kept-counts/module.ts";
import { organizationModule } from "../modules/foundation/organizations/module.ts";
import type { Module, NounsOf, StoresOf, StoreTools } from "../modules/manifest.ts";
import { aaaClientModule } from "../modules/network/aaa-clients/module.ts";
import { addressGrantModule } from "../modules/network/address-grants/module.ts";
import { disconnectModule } from "../modules/network/disconnects/module.ts";
import { networkAccessModule } from "../modules/network/network-access/module.ts";
import { sessionModule } from "../modules/network/sessions/module.ts";
import type { Handle } from "../storage/database.ts";

/** The modules, from the lowest rank to the highest. A new one is one line here. */
export const modules = [
  installationModule,
  keptCountModule,
  changeLogModule,
  organizationModule,
  apiTokenModule,
  aaaProfileModule,
  timeLedgerModule,
  userModule,
  reversibleSecretModule,
  deviceModule,
  userExtraModule,
  addressGrantModule,
  aaaClientModule,
  networkAccessModule,
  sessionModule,
  disconnectModule,
] as const;

/** Every store, by the name under which units of work know it. */
export interface Stores extends StoresOf<typeof modules> {}

/** Every kind of record that carries integer ids. */
export type Noun = NounsOf<typeof modules>;

const declared: readonly Module<Stores>[] = modules;

/** How each store is made. */
export const storeFactories = (tools: StoreTools): StoreFactories<Handle, Stores> =>
  Object.fromEntries(
    declared.flatMap(({ stores = {} }) => Object.entries(stores).map(([name, maker]) => [name, maker(tools)])),
  ) as StoreFactories<Handle, Stores>;

/** The refusal of each unique constraint. */
export const refusals = merged(declared.map((module) => module.refusals));

/** What each resource's records are counted as, and what goes with accounts. */
export const counting = {
  countedAs: merged(declared.map((module) => module.counts)),
  moved: declared.flatMap(({ countMoved }) => countMoved ?? []),
};

/** The resources that processes tell each other about. */
export const signalTopics: readonly string[] = declared.flatMap(({ signals = [] }) => signals);

export const deletionBlockers = declared.flatMap((module) => module.deletionBlockers ?? []);
export const moveBlockers = declared.flatMap((module) => module.moveBlockers ?? []);

function merged<Value>(parts: readonly (Readonly<Record<string, Value>> | undefined)[]): Readonly<Record<string, Value>> {
  return Object.assign({}, ...parts) as Record<string, Value>;
}
