/** Where a caller may look: a subtree of organizations and the name spaces that it touches. */
export interface TenantScope {
  /** The top of the subtree. */
  readonly organizationId: number;
  /** The name space of the top; new records of the top belong to it. */
  readonly nameSpaceId: number;
  /** All name spaces that the subtree touches, the top's first. */
  readonly nameSpaceIds: readonly number[];
  /** Every organization of the subtree. */
  readonly organizationIds: ReadonlySet<number>;
  /** Who pays for what is asked in it: the organization directly below the root. What the house asks for itself names nobody. */
  readonly payer?: string;
  /** How much of those name spaces the subtree covers: all there is, whole name spaces, or a part of one. */
  readonly covers: "everything" | "name_spaces" | "organizations";
}

/** Whether a record of this organization exists for the scope. */
export const sees = (scope: TenantScope, organizationId: number): boolean =>
  scope.covers === "everything" || scope.organizationIds.has(organizationId);
