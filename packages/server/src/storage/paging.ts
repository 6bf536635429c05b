import { type Expression, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import { boundedCount, type Count, countBound, exactly, type Page, type PageRequest } from "../kernel/pagination.ts";
import type { Handle } from "./database.ts";
import type { Tables } from "./tables.ts";

// biome-ignore lint/suspicious/noExplicitAny: the page only adds order and limits; which tables the filter joined is the store's matter
type Filtered = SelectQueryBuilder<Tables, any, any>;

export interface ListPlan<Row> {
  readonly table: keyof Tables & string;
  readonly page: PageRequest;
  /** The filtered rows, without select, order or limit. */
  readonly filtered: Filtered;
  /** Loads the records of a page, in any order. */
  readonly load: (ids: readonly number[]) => Promise<readonly Row[]>;
  /** The count where it is kept; without one the filtered rows are counted up to the bound. */
  readonly keptCount?: (() => Promise<number>) | undefined;
}

/**
 * One page of a list by ascending id. The ids come first, from an index alone, so that neither a deep offset nor a
 * cursor reads records that the page does not show.
 */
export const listPage = async <Row extends { id: number }>(handle: Handle, plan: ListPlan<Row>): Promise<Page<Row>> => {
  const id = sql.ref<number>(`${plan.table}.id`);
  const { limit, start } = plan.page;
  let ids = plan.filtered
    .select(id.as("id"))
    .orderBy(id)
    .limit(limit + 1);
  if ("offset" in start) ids = ids.offset(start.offset);
  else ids = ids.where(sql<SqlBool>`${id} > ${start.afterId}`);
  const found = ((await ids.execute()) as { id: number }[]).map((row) => row.id);
  const shown = found.slice(0, limit);
  const rows = shown.length === 0 ? [] : await plan.load(shown);
  const position = new Map(shown.map((value, index) => [value, index]));
  const ordered = [...rows].sort((a, b) => position.get(a.id)! - position.get(b.id)!);
  // One more id than the page shows tells that more follow.
  return { rows: ordered, lastId: found.length > limit ? shown.at(-1) : undefined, ...(await countOf(handle, plan)) };
};

const countOf = async (handle: Handle, plan: ListPlan<never> | ListPlan<{ id: number }>): Promise<Count> => {
  if (plan.keptCount) return exactly(await plan.keptCount());
  const rows = plan.filtered.select(sql`1`.as("one"));
  const counted = plan.page.exactCount ? rows : rows.limit(countBound + 1);
  const [row] = await sql<{ found: number }>`select count(*) as found from ${counted} as counted`
    .execute(handle)
    .then((result) => result.rows);
  return plan.page.exactCount ? exactly(row!.found) : boundedCount(row!.found);
};

/** `column in (values)`; false for no values, which SQL cannot say with an empty list. */
export const isIn = (column: RawBuilder<unknown>, values: readonly (number | string)[]): Expression<SqlBool> =>
  values.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${column} in (${sql.join(padded(values))})`;

/** Repeats the last value up to a power of two, so that lists of all lengths make few statement texts. */
const padded = <Value>(values: readonly Value[]): readonly Value[] => {
  const length = 2 ** Math.ceil(Math.log2(values.length));
  return values.length > longestPadded ? values : [...values, ...Array<Value>(length - values.length).fill(values.at(-1)!)];
};

const longestPadded = 1_024;
