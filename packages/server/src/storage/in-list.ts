import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";

/** `column in (values)`; false for no values, which SQL cannot say with an empty list. */
export const isIn = (column: RawBuilder<unknown>, values: readonly (number | string)[]): Expression<SqlBool> =>
  values.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${column} in (${sql.join(padded(values))})`;

const longestPadded = 1_024;

/** Repeats the last value up to a power of two, so that lists of all lengths make few statement texts. */
export const padded = <Value>(values: readonly Value[]): readonly Value[] => {
  if (values.length === 0 || values.length > longestPadded) return values;
  const length = 2 ** Math.ceil(Math.log2(values.length));
  return [...values, ...Array<Value>(length - values.length).fill(values.at(-1)!)];
};

/** Rows whose columns have the values of any of these rows, each in the order of the columns. */
export const isAnyOf = (columns: readonly string[], rows: readonly (readonly (number | string)[])[]): Expression<SqlBool> => {
  const equal = (row: readonly (number | string)[]) => columns.map((column, index) => sql`${sql.ref(column)} = ${row[index]}`);
  return sql<SqlBool>`(${sql.join(
    rows.map((row) => sql`(${sql.join(equal(row), sql` and `)})`),
    sql` or `,
  )})`;
};
