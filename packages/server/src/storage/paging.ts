import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import { boundedCount, type Count, countBound, exactly, maxPageSize, type Page, type PageRequest } from "../kernel/pagination.ts";
import type { TenantScope } from "../kernel/tenant-scope.ts";
import type { Handle } from "./database.ts";
import { statement } from "./statement.ts";
import type { Tables } from "./tables.ts";
import { read } from "./verbs.ts";

// biome-ignore lint/suspicious/noExplicitAny: the page only adds order and limits; which tables the filter joined is the store's matter
export type ListedRows = SelectQueryBuilder<Tables, any, any>;

export interface ListDefinition<Filters extends object, Row> {
  readonly table: keyof Tables & string;
  /** What fits is never much, so that counting it holds nobody up. */
  readonly isShort?: boolean;
  /** Rows that an offset may pass over before the read is one that others should not wait for. */
  readonly nearOffset?: number;
  /** Narrows a query of the table to the rows that fit. It must not branch on the values of scope and filters, for the text of the statement is kept. */
  filtered(rows: ListedRows, scope: TenantScope | null, filters: Filters): ListedRows;
  /** What a page shows, of all rows of the table. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  shown(handle: Handle): SelectQueryBuilder<Tables, any, Row>;
  readonly kept?: KeptCount<Filters>;
}

/** The count of a list where it is kept. */
export interface KeptCount<Filters> {
  /** The filters by which it is kept: a list that is narrowed by nothing else has its count here. */
  readonly by: readonly (keyof Filters)[];
  /** The count of what these filters let through. It must not branch on the values of scope and filters, for the text of the statement is kept. */
  count(handle: Handle, scope: TenantScope | null, filters: Filters): RawBuilder<number>;
}

export interface ListRequest<Filters extends object> {
  readonly scope: TenantScope | null;
  readonly filters: Filters;
  readonly page: PageRequest;
}

/**
 * Rows that a page's statement reads: one more than the page shows means that more follow. They stand in its text, so that they
 * are few numbers: with a parameter PostgreSQL believes in thousands of rows and plans each page anew, at 0.2 ms.
 */
const readSizes = [11, 21, 26, 51, maxPageSize + 1] as const;

/** Where a list does not say how far is near. */
const usualNearOffset = 20_000;

interface PageInput<Filters> {
  readonly scope: TenantScope | null;
  readonly filters: Filters;
  readonly offset?: number;
  /** Whether the rows before the page are more than those behind it, which are then the ones passed over. */
  readonly isFromEnd?: boolean;
  readonly afterId?: number;
}

interface CountInput<Filters> {
  readonly scope: TenantScope | null;
  readonly filters: Filters;
}

type Counted<Row> = Row & { readonly kept_count?: number };

/**
 * A list by ascending id, its queries made once for each combination of filters. An offset is passed over in an index
 * alone, so that no record is read that the page does not show; where the count is kept, from the nearer end. A kept count
 * comes with the rows: a statement of its own would be half of what a page costs on PostgreSQL.
 */
export const listOf = <Filters extends object, Row extends { id: number }>(definition: ListDefinition<Filters, Row>) => {
  const { table, isShort = false, nearOffset = usualNearOffset, filtered, shown, kept } = definition;
  const id = sql.ref<number>(`${table}.id`);
  const isKept = (filters: Filters): boolean => {
    if (!kept) return false;
    for (const name in filters) if (filters[name] !== undefined && !kept.by.includes(name)) return false;
    return true;
  };
  const pageOf = (size: number) =>
    statement<PageInput<Filters>, Counted<Row>>((handle, { scope, filters, offset, isFromEnd, afterId }) => {
      const limit = sql.lit(size);
      const all = isKept(filters) ? shown(handle).select(kept!.count(handle, scope, filters).as("kept_count")) : shown(handle);
      if (offset === undefined) {
        const fitting = filtered(all, scope, filters) as typeof all;
        return (afterId === undefined ? fitting : fitting.where(sql<SqlBool>`${id} > ${afterId}`)).orderBy(id).limit(limit);
      }
      const fitting = filtered(handle.selectFrom(table) as ListedRows, scope, filters).select(id.as("id"));
      const ids = isFromEnd
        ? fromEnd(fitting.orderBy(id, "desc"), kept!.count(handle, scope, filters), offset, limit)
        : fitting.orderBy(id).limit(limit).offset(offset);
      // Unless it is said again that they are few, PostgreSQL joins them by going through all records before them.
      return all.where(sql<SqlBool>`${id} in (select id from ${ids} as page limit ${limit})`).orderBy(id);
    });
  const pages = readSizes.map((size) => ({ size, statement: pageOf(size) }));
  const counted = statement<CountInput<Filters> & { readonly limit?: number }, { total: number }>((handle, { scope, filters, limit }) => {
    const rows = filtered(handle.selectFrom(table) as ListedRows, scope, filters).select(sql`1`.as("one"));
    const bounded = limit === undefined ? rows : rows.limit(limit);
    return handle.selectFrom(bounded.as("counted")).select(sql<number>`count(*)`.as("total")) as never;
  });

  const keptAlone = statement<CountInput<Filters>, { total: number }>((handle, { scope, filters }) =>
    handle.selectNoFrom(kept!.count(handle, scope, filters).as("total")),
  );

  const countOf = async (handle: Handle, { scope, filters, page }: ListRequest<Filters>, duration: Duration): Promise<Count> => {
    const counting = { scope, filters };
    if (isKept(filters)) return exactly((await read(handle, keptAlone, counting))[0]!.total);
    const [row] = await read(handle, counted, page.exactCount ? counting : { ...counting, limit: countBound + 1 }, duration);
    return page.exactCount ? exactly(row!.total) : boundedCount(row!.total);
  };

  const isBehindMiddle = async (handle: Handle, { scope, filters, page }: ListRequest<Filters>): Promise<boolean> =>
    "offset" in page.start && page.start.offset * 2 > (await read(handle, keptAlone, { scope, filters }))[0]!.total;

  return async (handle: Handle, request: ListRequest<Filters>): Promise<Page<Row>> => {
    const { scope, filters, page } = request;
    const start = "offset" in page.start && page.start.offset === 0 ? {} : page.start;
    const isFar = "offset" in page.start && page.start.offset > nearOffset;
    const duration: Duration = isFar || (!isKept(filters) && !isShort) ? "long" : "short";
    const isFromEnd = isFar && isKept(filters) && (await isBehindMiddle(handle, request));
    const ofSize = pages.find(({ size }) => size > page.limit)!.statement;
    const rowsAndNext = await read(handle, ofSize, { scope, filters, ...start, ...(isFromEnd ? { isFromEnd } : {}) }, duration);
    const rows = rowsAndNext.slice(0, page.limit);
    const known = rowsAndNext[0]?.kept_count ?? countAtEnd(rowsAndNext.length, page);
    const count = known === undefined ? await countOf(handle, request, duration) : exactly(known);
    return { rows, lastId: rowsAndNext.length > page.limit ? rows.at(-1)!.id : undefined, ...count };
  };
};

type Duration = "short" | "long";

/**
 * The count as it follows from the last page, so that it fits its rows whatever is written meanwhile, and nothing is counted.
 * @param rowsRead one more than the page shows where more follow
 */
const countAtEnd = (rowsRead: number, { start, limit }: PageRequest): number | undefined => {
  if ("afterId" in start || rowsRead > limit) return undefined;
  return rowsRead > 0 || start.offset === 0 ? start.offset + rowsRead : undefined;
};

/** The rows that an offset leads to, of rows in the opposite order. The statement counts by itself, so that the count fits the rows that it sees. */
const fromEnd = (rows: ListedRows, count: RawBuilder<number>, offset: number, limit: RawBuilder<number>): ListedRows => {
  const left = sql`(select ${count} - ${offset} as left_over) as counted`;
  return rows
    .limit(sql<number>`(select case when left_over < 0 then 0 when left_over < ${limit} then left_over else ${limit} end from ${left})`)
    .offset(sql<number>`(select case when left_over > ${limit} then left_over - ${limit} else 0 end from ${left})`);
};
