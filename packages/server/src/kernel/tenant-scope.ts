/** Where a caller may look: a subtree of organizations and the namespaces that it touches. */
export interface TenantScope {
  /** The top of the subtree. */
  readonly organizationId: number;
  /** The namespace of the top; new records of the top belong to it. */
  readonly namespaceId: number;
  /** All namespaces that the subtree touches, the top's first. */
  readonly namespaceIds: readonly number[];
  /** Every organization of the subtree. */
  readonly organizationIds: ReadonlySet<number>;
  /** Who pays for the work in it: the organization directly below the root. Undefined for the work of jobs. */
  readonly payer?: string;
  /** How much of those namespaces the subtree covers: all there is, whole namespaces, or a part of one. */
  readonly covers: "everything" | "name_spaces" | "organizations";
}

/** Whether a record of this organization exists for the scope. */
export const sees = (scope: TenantScope, organizationId: number): boolean =>
  scope.covers === "everything" || scope.organizationIds.has(organizationId);
