import type { OrganizationTree } from "../../foundation/organizations/index.ts";

/** What of a grant decides who holds an address. */
export interface Holding {
  readonly organizationId: number;
  /** How narrow the grant is. */
  readonly prefixLength: number;
  readonly isShared: boolean;
}

/** Who holds an address. */
export interface Holders {
  /** None: it is granted to nobody, and the root organization's. */
  readonly organizationIds: readonly number[];
  readonly areSharing: boolean;
}

/**
 * Who holds an address, by the grants that cover it. What an organization has granted further down is not its own any
 * more. Of grants that overlap otherwise, which only an old installation has, the narrowest counts; shared ones count all.
 */
export const holdersAmong = (tree: OrganizationTree, covering: readonly Holding[]): Holders => {
  const left = covering.filter(
    (grant) =>
      !covering.some(
        (other) =>
          other.prefixLength >= grant.prefixLength &&
          other.organizationId !== grant.organizationId &&
          tree.isWithin(other.organizationId, grant.organizationId),
      ),
  );
  if (left.length > 0 && left.every((grant) => grant.isShared)) return { organizationIds: idsOf(left), areSharing: true };
  const narrowest = Math.max(...left.map((grant) => grant.prefixLength));
  const counting = left.filter((grant) => grant.prefixLength === narrowest);
  return { organizationIds: idsOf(counting), areSharing: counting.length > 0 && counting.every((grant) => grant.isShared) };
};

const idsOf = (grants: readonly Holding[]): number[] => [...new Set(grants.map((grant) => grant.organizationId))];

/** Whether equipment of an organization may send from an address: it, or an organization above, holds it. */
export const mayUse = (tree: OrganizationTree, organizationId: number, { organizationIds }: Holders): boolean => {
  const line = tree.lineOf(organizationId);
  return line.length > 0 && (organizationIds.length === 0 || line.some(({ id }) => organizationIds.includes(id)));
};
