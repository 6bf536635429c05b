import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";
import { sees, type TenantScope } from "../kernel/tenant-scope.ts";
import { isIn, listParameter } from "./in-list.ts";
import type { Tables } from "./tables.ts";

/** Larger trees are not listed in a statement: the database walks them itself. */
const maxListed = 500;

const everyRow = sql<SqlBool>`1 = 1`;

/** The rows of a table that a scope may see; null is everything, for stores that cross tenants. */
export const within = (
  scope: TenantScope | null,
  table: keyof Tables & string,
  column: "organization_id" | "id" = "organization_id",
): Expression<SqlBool> => {
  if (scope === null || scope.covers === "everything") return everyRow;
  const namespaces = inNamespaces(scope, table);
  if (scope.covers === "name_spaces") return namespaces;
  const organization = sql.ref(`${table}.${column}`);
  const ids = scope.organizationIds instanceof Set ? [...scope.organizationIds] : (scope.organizationIds as unknown as readonly number[]);
  const isBelow = ids.length <= maxListed ? isIn(organization, ids) : sql<SqlBool>`${organization} in (${organizationsBelow(scope)})`;
  return sql<SqlBool>`${namespaces} and ${isBelow}`;
};

/**
 * The same for rows that are looked for by their keys: an index that begins with the organization leads to many others, and is taken
 * for a way to them by a planner that has not counted yet.
 */
export const guardedBy = (scope: TenantScope | null, table: keyof Tables & string): Expression<SqlBool> =>
  scope === null || scope.covers === "everything" ? everyRow : sql<SqlBool>`(${within(scope, table)}) is true`;

/**
 * Names the namespaces of a scope. It keeps nothing out that `within` lets in; it is for filters, whose indexes all
 * begin with the namespace and would not be used without one.
 */
export const inNamespaces = (scope: TenantScope | null, table: keyof Tables & string): Expression<SqlBool> => {
  const column = sql.ref(`${table}.name_space_id`);
  if (scope === null || scope.covers === "everything") return sql<SqlBool>`${column} in (${everyNamespace})`;
  if (scope.namespaceIds.length <= maxListed) return isIn(column, scope.namespaceIds);
  return sql<SqlBool>`${column} in (select name_space_id from organization where id in (${organizationsBelow(scope)}))`;
};

/** The same for filters that have an index of their own: a scope that sees everything then names nothing. */
export const inListedNamespaces = (scope: TenantScope | null, table: keyof Tables & string): Expression<SqlBool> =>
  scope === null || scope.covers === "everything" ? everyRow : inNamespaces(scope, table);

// An organization with usernames of its own opens a namespace and gives it its id.
const everyNamespace = sql`select opener.id from organization as opener where opener.id = opener.name_space_id`;

const organizationsBelow = (scope: TenantScope): RawBuilder<unknown> => sql`
  with recursive below (id) as (
    select cast(${scope.organizationId} as bigint)
    union all
    select child.id from organization as child join below on child.parent_id = below.id
  ) select id from below`;

/** The row, unless it lies outside of the scope: then it does not exist. */
export const seenRow = <Row extends { organization_id: number }>(scope: TenantScope | null, row: Row | undefined): Row | undefined =>
  row === undefined || scope === null || sees(scope, row.organization_id) ? row : undefined;

/** A scope as statements know it: what of it decides their text, and its values in order. */
export interface Wall {
  readonly shape: string;
  readonly values: readonly unknown[];
  /** The same scope with other values, taken one after another. */
  standIn(next: () => number): TenantScope | null;
}

const noWall: Wall = { shape: "*", values: [], standIn: () => null };
const walls = new WeakMap<TenantScope, Wall>();

export const wallOf = (scope: TenantScope | null): Wall => {
  if (scope === null || scope.covers === "everything") return noWall;
  let wall = walls.get(scope);
  if (!wall) {
    wall = buildWall(scope);
    walls.set(scope, wall);
  }
  return wall;
};

const buildWall = (scope: TenantScope): Wall => {
  const namespaces = listed(scope.namespaceIds);
  const organizations = listed(scope.covers === "name_spaces" ? [] : [...scope.organizationIds]);
  return {
    shape: `${scope.covers}/${namespaces.shape}/${organizations.shape}`,
    values: [scope.organizationId, ...namespaces.values, ...organizations.values],
    standIn(next) {
      const organizationId = next();
      return {
        organizationId,
        namespaceId: organizationId,
        namespaceIds: namespaces.standIn(next) as never,
        organizationIds: organizations.standIn(next) as never,
        covers: scope.covers,
      };
    },
  };
};

/** Ids as a statement knows them: none, one, a list as one parameter, or a list that is too long and stands in no statement. */
const listed = (ids: readonly number[]) => {
  if (ids.length > maxListed) return { shape: "tree", values: [], standIn: () => tooLong };
  if (ids.length > 1) return { shape: "list", values: [ids], standIn: (next: () => number) => listParameter(ids, next()) };
  return { shape: ids.length, values: ids, standIn: (next: () => number) => ids.map(next) };
};

/** Stands for a list of which nothing matters but that it is too long. */
const tooLong = Object.freeze({ length: maxListed + 1 });
