import { aaaProfileModule } from "../modules/accounts/aaa-profiles/module.ts";
import { deviceAppModule } from "../modules/accounts/device-app/module.ts";
import { deviceModule } from "../modules/accounts/devices/module.ts";
import { passwordModule } from "../modules/accounts/passwords/module.ts";
import { reversibleSecretModule } from "../modules/accounts/reversible-secrets/module.ts";
import { timeLedgerModule } from "../modules/accounts/time-ledger/module.ts";
import { userExtraModule } from "../modules/accounts/user-extras/module.ts";
import { userModule } from "../modules/accounts/users/module.ts";
import { apiTokenModule } from "../modules/foundation/api-tokens/module.ts";
import { changeLogModule } from "../modules/foundation/change-log/module.ts";
import { installationModule } from "../modules/foundation/installation/module.ts";
import { keptCountModule } from "../modules/foundation/kept-counts/module.ts";
import { organizationModule } from "../modules/foundation/organizations/module.ts";
import type { Module, NounsOf, ServicesOf, StoresOf, UnmetOf } from "../modules/manifest.ts";
import { aaaClientModule } from "../modules/network/aaa-clients/module.ts";
import { addressGrantModule } from "../modules/network/address-grants/module.ts";
import { disconnectModule } from "../modules/network/disconnects/module.ts";
import { freeradiusModule } from "../modules/network/freeradius/module.ts";
import { networkAccessModule } from "../modules/network/network-access/module.ts";
import { sessionModule } from "../modules/network/sessions/module.ts";
import type { Ports } from "./ports.ts";

/** The modules in the order in which they are built: each after those that it needs. A new one is one line here. */
export const modules = [
  installationModule,
  keptCountModule,
  changeLogModule,
  organizationModule,
  apiTokenModule,
  aaaProfileModule,
  passwordModule,
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
  freeradiusModule,
  // It asks whom a name means where somebody logs in with it.
  deviceAppModule,
] as const;

/** Every store, by the name under which units of work know it. */
export interface Stores extends StoresOf<typeof modules> {}

/** Every kind of record that carries integer ids. */
export type Noun = NounsOf<typeof modules>;

/** The services of all modules, by the names under which they need each other's. */
export interface Services extends ServicesOf<typeof modules> {}

type Unmet = UnmetOf<typeof modules, Services & Ports>;

/** The same list as those take it that treat all modules alike. It does not compile where a module needs what nobody serves: the error names it. */
export const allModules: [Unmet] extends [never] ? readonly Module<Stores, Noun>[] : Unmet = modules;
