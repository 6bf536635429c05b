import { type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import { boundedCount, type Count, countBound, exactly, type Page, type PageRequest } from "../kernel/pagination.ts";
import type { TenantScope } from "../kernel/tenant-scope.ts";
import type { Handle } from "./database.ts";
import { shaped } from "./prepared.ts";
import type { Tables } from "./tables.ts";

// biome-ignore lint/suspicious/noExplicitAny: the page only adds order and limits; which tables the filter joined is the store's matter
export type ListedRows = SelectQueryBuilder<Tables, any, any>;

export interface ListDefinition<Filters extends object, Row> {
  readonly table: keyof Tables & string;
  /** What fits is never much, so that counting it holds nobody up. */
  readonly isShort?: boolean;
  /** Narrows a query of the table to the rows that fit. It must look at no number or string of scope and filters. */
  filtered(rows: ListedRows, scope: TenantScope | null, filters: Filters): ListedRows;
  /** What a page shows, of all rows of the table. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  shown(handle: Handle): SelectQueryBuilder<Tables, any, Row>;
}

export interface ListRequest<Filters extends object> {
  readonly scope: TenantScope | null;
  readonly filters: Filters;
  readonly page: PageRequest;
  /** The count where it is kept; without one the filtered rows are counted up to the bound. */
  readonly keptCount?: (() => Promise<number>) | undefined;
}

/** Rows that an offset may pass over before the read is one that others should not wait for. */
const nearOffset = 20_000;

interface PageInput<Filters> {
  readonly filters: Filters;
  readonly limit: number;
  readonly offset?: number;
  readonly afterId?: number;
}

/**
 * A list by ascending id, its queries made once for each combination of filters. An offset is passed over in an index
 * alone, so that no record is read that the page does not show.
 */
export const listOf = <Filters extends object, Row extends { id: number }>(definition: ListDefinition<Filters, Row>) => {
  const { table, isShort = false, filtered, shown } = definition;
  const id = sql.ref<number>(`${table}.id`);
  const pageAfter = shaped<PageInput<Filters>, Row>((handle, scope, { filters, limit, offset, afterId }) => {
    const all = shown(handle);
    if (offset === undefined) {
      const fitting = filtered(all, scope, filters) as typeof all;
      return (afterId === undefined ? fitting : fitting.where(sql<SqlBool>`${id} > ${afterId}`)).orderBy(id).limit(limit);
    }
    const ids = filtered(handle.selectFrom(table) as ListedRows, scope, filters)
      .select(id.as("id"))
      .orderBy(id)
      .limit(limit)
      .offset(offset);
    return all.where(sql<SqlBool>`${id} in (select id from ${ids} as page)`).orderBy(id);
  });
  const counted = shaped<{ filters: Filters; limit?: number }, { found: number }>((handle, scope, { filters, limit }) => {
    const rows = filtered(handle.selectFrom(table) as ListedRows, scope, filters).select(sql`1`.as("one"));
    const bounded = limit === undefined ? rows : rows.limit(limit);
    return handle.selectFrom(bounded.as("counted")).select(sql<number>`count(*)`.as("found")) as never;
  });

  const countOf = async (handle: Handle, { scope, filters, page, keptCount }: ListRequest<Filters>, duration: Duration): Promise<Count> => {
    if (keptCount) return exactly(await keptCount());
    const [row] = await counted(handle, scope, page.exactCount ? { filters } : { filters, limit: countBound + 1 }, duration);
    return page.exactCount ? exactly(row!.found) : boundedCount(row!.found);
  };

  return async (handle: Handle, request: ListRequest<Filters>): Promise<Page<Row>> => {
    const { scope, filters, page, keptCount } = request;
    const start = "offset" in page.start && page.start.offset === 0 ? {} : page.start;
    const isFar = "offset" in page.start && page.start.offset > nearOffset;
    const duration: Duration = isFar || (keptCount === undefined && !isShort) ? "long" : "short";
    // One row more than the page shows tells that more follow.
    const found = await pageAfter(handle, scope, { filters, limit: page.limit + 1, ...start }, duration);
    const rows = found.slice(0, page.limit);
    return { rows, lastId: found.length > page.limit ? rows.at(-1)!.id : undefined, ...(await countOf(handle, request, duration)) };
  };
};

type Duration = "short" | "long";
