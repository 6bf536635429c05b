import type { Caller } from "../../../kernel/caller.ts";
import { DomainError, Faults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { type Precondition, requireVersion } from "../../../kernel/precondition.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { type OrganizationDirectory, readOrganizationReference } from "../../foundation/organizations/index.ts";
import type { AddressStores } from "../address-grants/index.ts";
import type { AaaClientStore } from "./aaa-client.store.ts";
import { type AaaClient, type AaaClientFields, blankClient, imageOfClient } from "./aaa-client.ts";
import { checkAddresses } from "./client-addresses.checks.ts";
import type { ServedClients } from "./served-clients.ts";

export interface AaaClientStores extends AddressStores {
  readonly aaaClients: AaaClientStore;
}

export interface AaaClientServiceDependencies<Stores extends AaaClientStores> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"aaa_client">;
  readonly directory: OrganizationDirectory;
  readonly table: ServedClients;
  /** Ends what a deleted client has open, some of it at a time. What a process that dies leaves open is closed by the stale-session job. */
  removed(client: AaaClient): Promise<void>;
}

export type AaaClientService = ReturnType<typeof createAaaClientService>;

/** The rules of AAA clients. What is answered is in the table of this process already: the client can send at once. */
export const createAaaClientService = <Stores extends AaaClientStores>(deps: AaaClientServiceDependencies<Stores>) => {
  const { work, ids, directory, table } = deps;
  return {
    async get(scope: TenantScope, id: number): Promise<AaaClient> {
      return (await work.for(scope).aaaClients.find(id)) ?? notFound();
    },

    async create(caller: Caller, operation: string, fields: AaaClientFields): Promise<AaaClient> {
      const id = await ids.take("aaa_client");
      const tree = await directory.resolving([fields.organization], caller.scope);
      const made = await work.run(caller, async (tx) => {
        await tx.addressUses.lock();
        const faults = new Faults();
        const organization = readOrganizationReference(tree, caller.scope, fields.organization ?? caller.scope.organizationId, faults);
        const place = organization ? { organizationId: organization.id, namespaceId: organization.namespaceId } : {};
        const client = { ...applyFields({ ...blankClient(id, tx.nowMs), ...place }, fields), version: 1 };
        if (organization) {
          await checkUnique(tx.aaaClients, client, faults);
          await checkAddresses(tx, { tree, caller, client, before: undefined }, faults);
        }
        faults.throwIfAny();
        await tx.aaaClients.insert(client);
        recordChange(tx, operation, null, client, true);
        return client;
      });
      await table.reload();
      return made;
    },

    async change(caller: Caller, operation: string, id: number, fields: AaaClientFields, precondition: Precondition): Promise<AaaClient> {
      const tree = await directory.resolving([fields.organization], caller.scope);
      const changed = await work.run(caller, async (tx) => {
        await tx.addressUses.lock();
        const before = (await tx.aaaClients.lock(id)) ?? notFound();
        const faults = new Faults();
        if (fields.organization !== undefined) {
          const organization = readOrganizationReference(tree, caller.scope, fields.organization, faults);
          if (organization && organization.id !== before.organizationId) {
            faults.add("organization", "The organization of an AAA client is fixed when it is made.");
          }
        }
        const settled = applyFields(before, fields);
        await checkUnique(tx.aaaClients, settled, faults);
        await checkAddresses(tx, { tree, caller, client: settled, before }, faults);
        faults.throwIfAny();
        requireVersion(precondition, String(id), before.version);
        const secretChanged = settled.secret !== before.secret;
        if (!secretChanged && JSON.stringify(imageOfClient(before)) === JSON.stringify(imageOfClient(settled))) return before;
        const client = { ...settled, version: before.version + 1, lastChangeMs: tx.nowMs };
        await tx.aaaClients.update(client);
        recordChange(tx, operation, before, client, secretChanged);
        return client;
      });
      await table.reload();
      return changed;
    },

    async remove(caller: Caller, operation: string, id: number, precondition: Precondition): Promise<void> {
      const removed = await work.run(caller, async (tx) => {
        const client = (await tx.aaaClients.lock(id)) ?? notFound();
        requireVersion(precondition, String(id), client.version);
        await tx.aaaClients.delete(client);
        recordChange(tx, operation, client, null, false);
        return client;
      });
      await table.reload();
      await deps.removed(removed);
    },
  };
};

const applyFields = (before: AaaClient, fields: AaaClientFields): AaaClient => ({
  ...before,
  shortName: fields.shortName ?? before.shortName,
  address: fields.address ?? before.address,
  moreAddresses: fields.moreAddresses ?? before.moreAddresses,
  secret: fields.secret ?? before.secret,
  nasIdentifier: fields.nasIdentifier === undefined ? before.nasIdentifier : fields.nasIdentifier,
  description: fields.description === undefined ? before.description : fields.description,
  coaAddress: fields.coaAddress === undefined ? before.coaAddress : fields.coaAddress,
  coaPort: fields.coaPort === undefined ? before.coaPort : fields.coaPort,
  requireMessageAuthenticator: fields.requireMessageAuthenticator ?? before.requireMessageAuthenticator,
  isActive: fields.isActive ?? before.isActive,
});

const checkUnique = async (store: AaaClientStore, client: AaaClient, faults: Faults): Promise<void> => {
  const namesake = await store.shortNameHolder(client.namespaceId, client.organizationId, client.shortName);
  if (namesake !== undefined && namesake !== client.id) faults.add("short_name", "This short name is taken in the organization.");
};

const notFound = (): never => {
  throw new DomainError("aaa_client.not_found", "There is no such AAA client.");
};

const recordChange = (
  tx: Transaction<unknown>,
  operation: string,
  before: AaaClient | null,
  after: AaaClient | null,
  secretChanged: boolean,
): void => {
  const client = (after ?? before)!;
  tx.record({
    operation,
    resource: "aaa_client",
    resourceId: client.id,
    namespaceId: client.namespaceId,
    organizationId: client.organizationId,
    before: before && imageOfClient(before),
    after: after && imageOfClient(after, secretChanged),
  });
};
