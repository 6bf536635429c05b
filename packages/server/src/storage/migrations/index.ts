import { migration as accounts } from "./0001-accounts.ts";
import { migration as devicesAndExtras } from "./0002-devices-and-extras.ts";
import { migration as leases } from "./0003-leases.ts";
import { migration as reversibleSecrets } from "./0004-reversible-secrets.ts";
import { migration as aaaClients } from "./0005-aaa-clients.ts";
import { migration as networkAccess } from "./0006-network-access.ts";
import { migration as usernameLookup } from "./0007-username-lookup.ts";
import { migration as fewerPages } from "./0008-fewer-pages.ts";
import { migration as listsOfTenants } from "./0009-lists-of-tenants.ts";
import { migration as expectedRows } from "./0010-expected-rows.ts";
import { migration as addressGrants } from "./0011-address-grants.ts";
import { migration as namesOfTenants } from "./0012-names-of-tenants.ts";
import { migration as credentialsByName } from "./0013-credentials-by-name.ts";
import { migration as numbersInRange } from "./0014-numbers-in-range.ts";
import { migration as noEmptyExternalIds } from "./0015-no-empty-external-ids.ts";
import { migration as searchApart } from "./0016-search-apart.ts";
import { migration as sessionCounts } from "./0017-session-counts.ts";
import { migration as minPasswordLength } from "./0019-min-password-length.ts";
import { migration as deadlinesByOrganization } from "./0027-deadlines-by-organization.ts";
import { migration as sourcesAndReservations } from "./0028-sources-and-reservations.ts";
import { migration as coaRequests } from "./0029-coa-requests.ts";
import { migration as slugsNameNoRows } from "./0030-slugs-name-no-rows.ts";
import { migration as wordsOfAccounting } from "./0031-words-of-accounting.ts";
import type { Migration } from "./migration.ts";

/** Every migration in order. A released one never changes; a new one comes last. */
export const migrations: readonly Migration[] = [
  accounts,
  devicesAndExtras,
  leases,
  reversibleSecrets,
  aaaClients,
  networkAccess,
  usernameLookup,
  fewerPages,
  listsOfTenants,
  expectedRows,
  addressGrants,
  namesOfTenants,
  credentialsByName,
  numbersInRange,
  noEmptyExternalIds,
  searchApart,
  sessionCounts,
  minPasswordLength,
  deadlinesByOrganization,
  sourcesAndReservations,
  coaRequests,
  slugsNameNoRows,
  wordsOfAccounting,
];
