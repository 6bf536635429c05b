import type { Caller } from "../../../kernel/caller.ts";
import { DomainError, Faults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { type Precondition, requireVersion } from "../../../kernel/precondition.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { type OrganizationDirectory, readOrganizationReference } from "../../foundation/organizations/index.ts";
import { type AddressStores, checkGrant, settledWithout, useOfGrant } from "./address-grant.checks.ts";
import { type AddressGrant, type AddressGrantFields, imageOfGrant } from "./address-grant.ts";

export interface AddressGrantServiceDependencies<Stores extends AddressStores> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"address_grant">;
  readonly directory: OrganizationDirectory;
  /** What was changed is in the tables of this process before it is answered. */
  changed(): Promise<void>;
}

export type AddressGrantService = ReturnType<typeof createAddressGrantService>;

/** The rules of address grants. Every unit that changes one keeps addresses from changing elsewhere until it ends. */
export const createAddressGrantService = <Stores extends AddressStores>(deps: AddressGrantServiceDependencies<Stores>) => {
  const { work, ids, directory } = deps;
  return {
    async get(scope: TenantScope, id: number): Promise<AddressGrant> {
      return (await work.for(scope).addressGrants.find(id)) ?? notFound();
    },

    async create(caller: Caller, operation: string, fields: AddressGrantFields): Promise<AddressGrant> {
      const id = await ids.take("address_grant");
      const tree = await directory.resolving([fields.organization], caller.scope);
      const made = await work.run(caller, async (tx) => {
        await tx.addressUses.lock();
        const faults = new Faults();
        const organization = readOrganizationReference(tree, caller.scope, fields.organization!, faults);
        if (!organization) faults.throwIfAny();
        const grant: AddressGrant = {
          id,
          namespaceId: organization!.namespaceId,
          organizationId: organization!.id,
          network: fields.network!,
          isShared: fields.isShared ?? false,
          isDisputed: false,
          description: fields.description ?? null,
          createdAtMs: tx.nowMs,
          lastChangeMs: tx.nowMs,
          version: 1,
        };
        await checkGrant(tx, { tree, caller, grant }, faults);
        faults.throwIfAny();
        await tx.addressGrants.insert(grant);
        recordChange(tx, operation, null, grant);
        return grant;
      });
      await deps.changed();
      return made;
    },

    async change(
      caller: Caller,
      operation: string,
      id: number,
      fields: AddressGrantFields,
      precondition: Precondition,
    ): Promise<AddressGrant> {
      const tree = await directory.resolving([fields.organization], caller.scope);
      const changed = await work.run(caller, async (tx) => {
        await tx.addressUses.lock();
        const before = (await tx.addressGrants.find(id)) ?? notFound();
        requireAbove(caller, before);
        const faults = new Faults();
        if (fields.organization !== undefined) {
          const organization = readOrganizationReference(tree, caller.scope, fields.organization, faults);
          if (organization && organization.id !== before.organizationId) {
            faults.add("organization", "The organization of a grant is fixed when it is made.");
          }
        }
        if (fields.network !== undefined && fields.network !== before.network) {
          faults.add("network", "The network of a grant is fixed when it is made: grant the other one, and take this one back.");
        }
        const settled = {
          ...before,
          isShared: fields.isShared ?? before.isShared,
          description: fields.description === undefined ? before.description : fields.description,
        };
        if (settled.isShared !== before.isShared) await checkGrant(tx, { tree, caller, grant: settled }, faults);
        faults.throwIfAny();
        requireVersion(precondition, String(id), before.version);
        if (JSON.stringify(imageOfGrant(before)) === JSON.stringify(imageOfGrant(settled))) return before;
        const grant = { ...settled, version: before.version + 1, lastChangeMs: tx.nowMs };
        await tx.addressGrants.update(grant);
        recordChange(tx, operation, before, grant);
        return grant;
      });
      await deps.changed();
      return changed;
    },

    async remove(caller: Caller, operation: string, id: number, precondition: Precondition): Promise<void> {
      const tree = await directory.current();
      await work.run(caller, async (tx) => {
        await tx.addressUses.lock();
        const grant = (await tx.addressGrants.find(id)) ?? notFound();
        requireAbove(caller, grant);
        requireVersion(precondition, String(id), grant.version);
        const use = await useOfGrant(tx, tree, grant);
        if (use !== undefined) throw new DomainError("address_grant.in_use", use);
        const settled = await settledWithout(tx.addressGrants, tree, grant);
        await tx.addressGrants.delete(grant);
        if (settled.length > 0) await tx.addressGrants.settle(settled);
        recordChange(tx, operation, grant, null);
      });
      await deps.changed();
    },
  };
};

/** What an organization was granted is not its own to change: it could grant itself more. Nobody stands above the root. */
const requireAbove = (caller: Caller, grant: AddressGrant): void => {
  if (caller.scope.covers === "everything" || grant.organizationId !== caller.scope.organizationId) return;
  throw new DomainError("organization.above_only", "Only a token of an organization above may change what this one was granted.");
};

const notFound = (): never => {
  throw new DomainError("address_grant.not_found", "There is no such address grant.");
};

const recordChange = (tx: Transaction<unknown>, operation: string, before: AddressGrant | null, after: AddressGrant | null): void => {
  const grant = (after ?? before)!;
  tx.record({
    operation,
    resource: "address_grant",
    resourceId: grant.id,
    namespaceId: grant.namespaceId,
    organizationId: grant.organizationId,
    before: before && imageOfGrant(before),
    after: after && imageOfGrant(after),
  });
};
