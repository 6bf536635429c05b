import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";

/** What a column of a list is in a statement. */
export type Kind = "bigint" | "text";

const kindOf = (value: unknown): Kind => (typeof value === "string" ? "text" : "bigint");

/**
 * A list of values as one parameter, however many there are: the text does not grow with it, and neither does what the database makes of
 * the text. Each dialect writes it behind a column, as the condition that it is in the list.
 */
export class ListParameter {
  /** More than one: a list of one is equality, which plans better. */
  readonly length = 2;
  readonly kind: Kind;
  readonly values: unknown;

  constructor(kind: Kind, values: unknown) {
    this.kind = kind;
    this.values = values;
  }
}

/** Rows as one parameter, as JSON; each dialect writes it as something to select from. With a table the columns have its types. */
export class RowsParameter {
  readonly length = 2;
  readonly columns: Readonly<Record<string, Kind>>;
  readonly json: unknown;
  readonly table: string | undefined;

  constructor(columns: Readonly<Record<string, Kind>>, json: unknown, table?: string) {
    this.columns = columns;
    this.json = json;
    this.table = table;
  }
}

type Values = readonly unknown[] | ListParameter | RowsParameter;

/** A list of two or more as one parameter with these contents. All entries are of the first one's kind. */
export const listParameter = ([first]: readonly unknown[], contents: unknown): ListParameter | RowsParameter => {
  if (typeof first !== "object" || first === null) return new ListParameter(kindOf(first), contents);
  return new RowsParameter(Object.fromEntries(Object.entries(first).map(([name, value]) => [name, kindOf(value)])), contents);
};

/** What a list of two or more is as the value of its parameter. */
export const listContents = (values: readonly unknown[]): unknown => (typeof values[0] === "object" ? JSON.stringify(values) : values);

/** `column in (values)`; false for no values, which SQL cannot say with an empty list. */
export const isIn = (column: RawBuilder<unknown>, values: readonly (number | string)[]): Expression<SqlBool> => {
  const list: Values = values;
  if (list instanceof ListParameter) return sql<SqlBool>`${column} ${list}`;
  if (values.length === 0) return sql<SqlBool>`1 = 0`;
  return values.length === 1 ? sql<SqlBool>`${column} = ${values[0]}` : sql<SqlBool>`${column} ${listParameter(values, values)}`;
};

/** Nothing of them travels that is not asked for. */
const asParameter = <Row extends object>(rows: readonly Row[], fields: readonly (keyof Row & string)[]) => {
  const named = rows.map((row) => Object.fromEntries(fields.map((field) => [field, row[field]])));
  return listParameter(named, JSON.stringify(named));
};

/** Rows whose columns have the values of any of these keys; `columns` says which field of a key a column has. */
export const isAnyOf = <Key extends object>(
  columns: Readonly<Record<string, keyof Key & string>>,
  keys: readonly Key[],
): Expression<SqlBool> => {
  const list: Values = keys;
  const names = Object.entries(columns);
  if (!(list instanceof RowsParameter)) {
    if (keys.length > 1) return isAnyOf(columns, asParameter(keys, Object.values(columns)) as never);
    return sql<SqlBool>`(${sql.join(
      names.map(([column, field]) => sql`${sql.ref(column)} = ${keys[0]![field]}`),
      sql` and `,
    )})`;
  }
  const [left, right] = [names.map(([column]) => sql.ref(column)), names.map(([, field]) => sql.ref(`listed.${field}`))];
  return sql<SqlBool>`(${sql.join(left)}) in (select ${sql.join(right)} from ${list} as listed)`;
};

/** Something to select from: the rows, with these of their fields as columns. There is one row at least. */
export const rowsListed = <Row extends object>(
  columns: Readonly<Partial<Record<keyof Row & string, Kind>>>,
  rows: readonly Row[],
): RawBuilder<unknown> => {
  const list: Values = rows;
  if (list instanceof RowsParameter) return sql`${list}`;
  if (rows.length > 1) return sql`${asParameter(rows, Object.keys(columns) as (keyof Row & string)[])}`;
  const fields = (Object.entries(columns) as [keyof Row & string, Kind][]).map(
    ([name, kind]) => sql`cast(${rows[0]![name]} as ${sql.raw(kind)}) as ${sql.ref(name)}`,
  );
  return sql`(select ${sql.join(fields)})`;
};

/** Rows that are not known to be any, with these columns, as something to select from. */
export const rowsOrNone = (columns: Readonly<Record<string, Kind>>, rows: readonly object[]): RawBuilder<unknown> =>
  sql`${new RowsParameter(columns, JSON.stringify(rows))}`;

/** What is inserted into a table: rows that all have the same columns, which are the table's. */
export const rowsFor = (table: string, rows: readonly Readonly<Record<string, unknown>>[]) => {
  const columns = Object.keys(rows[0]!);
  const list = new RowsParameter(Object.fromEntries(columns.map((name) => [name, "text"])), JSON.stringify(rows), table);
  const names = sql.join(columns.map((name) => sql.ref(name)));
  // Without a condition one of the databases takes what follows on a conflict for the condition of a join.
  return { columns, expression: sql`select ${names} from ${list} as listed where 1 = 1` };
};
