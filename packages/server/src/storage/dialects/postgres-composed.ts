import type { Hold, NewRows } from "../statements.ts";
import { conflictText, quoted } from "./insert-text.ts";

/** A write that waits to travel with others. */
export interface Waiting {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly table: string;
}

/** The code of the error by which a statement says that a hold was broken: it divides by the answer. */
export const brokenHold = "22012";

/** Composed texts kept; what comes in more combinations is composed anew. */
const mostTexts = 500;

/**
 * Makes one statement of a unit's holds and writes: all of it or nothing, in one round trip. The holds are looked at
 * first and lock their rows; the writes follow in order, each in the sight of none of the others, so that no two may
 * concern one table.
 */
export const createComposer = () => {
  const texts = new Map<string, string>();
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    let number = numbers.get(text);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(text, number);
    }
    return number;
  };

  return (holds: readonly Hold[], writes: readonly Waiting[]): { text: string; values: unknown[] } => {
    let key = "";
    const values: unknown[] = [];
    for (const hold of holds) {
      key += `${hold.table}${hold.exists}(${Object.keys(hold.values).join()})`;
      values.push(...Object.values(hold.values));
    }
    for (const write of writes) {
      key += `/${numberOf(write.text)}`;
      values.push(...write.values);
    }
    let text = texts.get(key);
    if (text === undefined) {
      text = compose(holds, writes);
      if (texts.size < mostTexts) texts.set(key, text);
    }
    return { text, values };
  };
};

const compose = (holds: readonly Hold[], writes: readonly Waiting[]): string => {
  let taken = 0;
  const parts: string[] = [];
  for (const [index, hold] of holds.entries()) {
    const conditions = Object.keys(hold.values).map((column) => {
      taken += 1;
      return `${quoted(column)} = $${taken}`;
    });
    parts.push(`h${index} as (select 1 from ${quoted(hold.table)} where ${conditions.join(" and ")} for update)`);
  }
  for (const [index, write] of writes.entries()) {
    const before = taken;
    parts.push(`w${index} as (${write.text.replace(/\$(\d+)/g, (_, number: string) => `$${before + Number(number)}`)})`);
    taken += write.values.length;
  }
  const kept = holds.map((hold, index) => `(select count(*) from h${index}) = ${hold.exists ? 1 : 0}`);
  return `with ${parts.join(", ")} select 1 / case when ${kept.length === 0 ? "true" : kept.join(" and ")} then 1 else 0 end`;
};

/** Inserts rows that come as one JSON parameter, however many: one text, and nothing to number. */
export const insertText = ({ table, rows, onConflict, numberedBy }: NewRows): string => {
  const columns = Object.keys(rows[0]!).map(quoted);
  const into = numberedBy === undefined ? columns : [...columns, "id"];
  const from = numberedBy === undefined ? columns : [...columns, `nextval('${numberedBy}')`];
  return `insert into ${quoted(table)} (${into.join()}) select ${from.join()} from json_populate_recordset(null::${quoted(table)}, $1)${conflictText(table, onConflict)}`;
};
