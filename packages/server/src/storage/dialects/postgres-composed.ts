import type { NewRows, OptimisticLock, RowChange } from "../runner.ts";
import { conflictText, quoted } from "./insert-text.ts";

/** Rows of one table that travel as one JSON parameter, however many: one text, and nothing to number. */
interface RowsToWrite {
  readonly table: string;
  /** What `$1` writes. */
  readonly text: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** The columns by which two of the rows would be one, so that they cannot go in together; none where they never are. */
  readonly identity: readonly string[];
  /** The columns in whose order the rows go, whoever else writes some of them at the same time; none where nobody can. */
  readonly order: readonly string[];
  /** The columns that are added up over the rows of one identity, which thereby become one row. */
  readonly adds: readonly string[] | undefined;
}

/** A statement with parameters of its own. */
interface TextToWrite {
  readonly table: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A write that waits to travel with others. */
export type Waiting = RowsToWrite | TextToWrite;

/** A unit's optimistic locks and writes, as one statement: all of it or nothing. */
export interface Composed {
  readonly locks: readonly OptimisticLock[];
  readonly writes: readonly Waiting[];
}

/** The code of the error by which a statement says that a row was read before somebody changed it: it divides by the answer. */
export const staleReadCode = "22012";

/** Rows of one text at most: as one, an array of 1,000 accounts held the event loop for 6 ms while it was written. */
const maxRowsAtOnce = 500;

const rowsIn = (write: Waiting): number => ("rows" in write ? write.rows.length : 1);

/** Whether writes are too many to travel as one statement. */
export const isLarge = (writes: readonly Waiting[]): boolean => writes.reduce((rows, write) => rows + rowsIn(write), 0) > maxRowsAtOnce;

/** What is too large for one statement, as several that follow each other in one transaction; the locks go first. */
export const inPieces = ({ locks, writes }: Composed): Composed[] => {
  if (!isLarge(writes)) return [{ locks, writes }];
  const pieces = writes.flatMap((write): Waiting[] => {
    if (!("rows" in write)) return [write];
    const count = Math.ceil(write.rows.length / maxRowsAtOnce);
    return Array.from({ length: count }, (_, index) => ({
      ...write,
      rows: write.rows.slice(index * maxRowsAtOnce, (index + 1) * maxRowsAtOnce),
    }));
  });
  return pieces.map((piece, index) => ({ locks: index === 0 ? locks : [], writes: [piece] }));
};

const texts = new Map<string, string>();
/** Texts kept; what comes in more combinations is made anew. */
const maxTexts = 1_000;

const textOf = (key: string, make: () => string): string => {
  let text = texts.get(key);
  if (text === undefined) {
    text = make();
    if (texts.size < maxTexts) texts.set(key, text);
  }
  return text;
};

export const insertion = ({ insertInto: table, rows, onConflict, numberedBy, inOrderOf = [] }: NewRows): RowsToWrite => {
  const columns = Object.keys(rows[0]!);
  const text = textOf(`insert ${table}(${columns.join()})${onConflict?.change ?? ""}${numberedBy ?? ""}`, () => {
    const names = columns.map(quoted);
    const into = numberedBy === undefined ? names : [...names, "id"];
    const from = numberedBy === undefined ? names : [...names, `nextval('${numberedBy}')`];
    return `insert into ${quoted(table)} (${into.join()}) select ${from.join()} from ${rowsOf(table)}${conflictText(table, onConflict)}`;
  });
  const identity = onConflict?.keys ?? [];
  const order = inOrderOf.length > 0 ? inOrderOf : identity;
  return { table, text, rows: inOrder(rows, order), identity, order, adds: onConflict?.change === "add" ? onConflict.columns : undefined };
};

/** Rows in the order of columns: two statements that write the same ones wait for each other instead of locking each other out. */
export const inOrder = <Row extends Readonly<Record<string, unknown>>>(
  rows: readonly Row[],
  columns: readonly string[],
): readonly Row[] => {
  if (columns.length === 0 || rows.length < 2) return rows;
  return rows.toSorted((one, other) => {
    const column = columns.find((name) => one[name] !== other[name]);
    if (column === undefined) return 0;
    return (one[column] as number | string) < (other[column] as number | string) ? -1 : 1;
  });
};

/** A changed column of the key, or a guard, has its new value beside the old one, for which the row has no place: it stands in a row below. */
export const changing = ({ update: table, key, guards = {}, values, adds = {}, inOrderOf = [] }: RowChange): Waiting => {
  const [named, guarding, set, added] = [Object.keys(key), Object.keys(guards), Object.keys(values), Object.keys(adds)];
  const moved = set.filter((column) => column in key || column in guards);
  const text = textOf(`change ${table}(${named.join()})(${guarding.join()})(${set.join()})(${added.join()})`, () => {
    const changes = [
      ...set.map((column) => `${quoted(column)} = ${moved.includes(column) ? "moved" : "changed"}.${quoted(column)}`),
      ...added.map((column) => `${quoted(column)} = kept.${quoted(column)} + changed.${quoted(column)}`),
    ];
    const matches = [
      ...named.map((column) => `kept.${quoted(column)} = changed.${quoted(column)}`),
      ...guarding.map((column) => `kept.${quoted(column)} is not distinct from changed.${quoted(column)}`),
    ];
    const rows = moved.length === 0 ? `${rowsOf(table)} as changed` : movedRowsOf(table);
    return `update ${quoted(table)} as kept set ${changes.join()} from ${rows} where ${matches.join(" and ")}`;
  });
  const below = moved.length === 0 ? {} : { moved: Object.fromEntries(moved.map((column) => [column, values[column]])) };
  return {
    table,
    text,
    rows: [{ ...values, ...adds, ...guards, ...key, ...below }],
    identity: named,
    order: inOrderOf.length > 0 ? inOrderOf : named,
    adds: undefined,
  };
};

/**
 * A write that waits, with the rows of another one of the same text: they travel as one. Undefined where they cannot: where both
 * concern one row, or where rows are to be added up. The rows are in no order yet.
 */
export const together = (waiting: Waiting, other: Waiting): Waiting | undefined => {
  if (!("rows" in waiting && "rows" in other) || waiting.text !== other.text || waiting.adds || other.adds) return undefined;
  const { identity } = waiting;
  const nameOf = (row: RowsToWrite["rows"][number]) => JSON.stringify(identity.map((name) => row[name]));
  const own = joined.get(waiting) ?? { rows: [...waiting.rows], names: new Set(waiting.rows.map(nameOf)) };
  if (identity.length > 0) {
    const names = other.rows.map(nameOf);
    if (names.some((name) => own.names.has(name))) return undefined;
    for (const name of names) own.names.add(name);
  }
  own.rows.push(...other.rows);
  const both = { ...waiting, rows: own.rows };
  joined.set(both, own);
  return both;
};

/** What was joined already, with the names of its rows: each of an array's rows is looked at once. */
const joined = new WeakMap<RowsToWrite, { readonly rows: RowsToWrite["rows"][number][]; readonly names: Set<string> }>();

/** Joined writes as they are to be sent. */
export const ordered = (write: Waiting): Waiting => ("rows" in write ? { ...write, rows: inOrder(write.rows, write.order) } : write);

const rowsOf = (table: string): string => `json_populate_recordset(null::${quoted(table)}, $1)`;

/** The same rows beside what stands below `moved` in each. */
const movedRowsOf = (table: string): string =>
  `json_array_elements($1::json) as given (entry), json_populate_record(null::${quoted(table)}, given.entry) as changed,
    json_populate_record(null::${quoted(table)}, given.entry -> 'moved') as moved`;

/**
 * Makes one statement of optimistic locks and writes. The rows are checked first and locked; the writes follow, each in
 * the sight of none of the others, so that no two may concern one table. Locks of one shape are one part of the text, however many
 * they are, each row's before it in the order in which they were asked for. For several units nobody waits for a row that is locked.
 */
export const compose = ({ locks, writes }: Composed, units = 1): { text: string; values: unknown[] } => {
  let key = units > 1 ? "together" : "";
  const values: unknown[] = [];
  const byShape = Map.groupBy(locks, shapeOfLock);
  for (const [shape, alike] of byShape) {
    key += shape;
    values.push(JSON.stringify(alike.map((one) => one.values)));
    if (alike[0]!.exists) values.push(alike.length);
  }
  for (const write of writes) {
    key += `/${write.text}`;
    if ("rows" in write) values.push(JSON.stringify(write.rows));
    else values.push(...write.values);
  }
  const shapes = [...byShape.values()].map(([first]) => first!);
  return { text: textOf(key, () => composedText(shapes, writes, units > 1)), values };
};

/** What of a lock decides its text. */
export const shapeOfLock = ({ table, key, values, exists }: OptimisticLock): string => {
  let shape = `${table}${exists}(`;
  for (const column in values) shape += `${column}${key.includes(column) ? "=" : "~"}`;
  return shape;
};

const composedText = (locks: readonly OptimisticLock[], writes: readonly Waiting[], isShared: boolean): string => {
  let taken = 0;
  const parts: string[] = [];
  const kept: string[] = [];
  for (const [index, { table, key, values, exists }] of locks.entries()) {
    // By what is no key the row is not to be looked for, whichever index has it: the first plan is made when the table is empty.
    const matches = Object.keys(values).map((name) => {
      const column = quoted(name);
      return `kept.${column} ${key.includes(name) ? "=" : "is not distinct from"} expected.${column}`;
    });
    taken += 1;
    const expected = `${rowsOf(table).replace("$1", `$${taken}`)} as expected`;
    const lock = `for no key update of kept${isShared ? " nowait" : ""}`;
    parts.push(`l${index} as (select 1 from ${quoted(table)} as kept join ${expected} on ${matches.join(" and ")} ${lock})`);
    if (exists) taken += 1;
    kept.push(`(select count(*) from l${index}) = ${exists ? `$${taken}` : "0"}`);
  }
  const written: string[] = [];
  for (const [index, write] of writes.entries()) {
    const before = taken;
    written.push(`w${index} as (${write.text.replace(/\$(\d+)/g, (_, number: string) => `$${before + Number(number)}`)})`);
    taken += "rows" in write ? 1 : write.values.length;
  }
  // PostgreSQL does writes that nothing reads from the last to the first (`es_auxmodifytables`), and locks rows in that order.
  parts.push(...written.reverse());
  return `with ${parts.join(", ")} select 1 / case when ${kept.length === 0 ? "true" : kept.join(" and ")} then 1 else 0 end`;
};
