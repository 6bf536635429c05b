import type { OnConflict } from "../runner.ts";

/** A name in SQL. Names come from the code, never from a request. */
export const quoted = (name: string): string => `"${name}"`;

/** The end of an insert that changes rows which are there already; nothing where such rows are an error. */
export const conflictText = (table: string, onConflict: OnConflict | undefined): string => {
  if (!onConflict) return "";
  const changes = onConflict.columns.map(quoted).map((column) => {
    const added = onConflict.change === "add" ? `${quoted(table)}.${column} + ` : "";
    return `${column} = ${added}excluded.${column}`;
  });
  return ` on conflict (${onConflict.keys.map(quoted).join()}) do update set ${changes.join(", ")}`;
};
