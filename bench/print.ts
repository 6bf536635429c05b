import { textTable } from "../packages/server/src/commands/text-table.ts";
import type { Table } from "./tables.ts";

/** Shows a table on standard output. Marks for code are for the page. */
export const print = ({ headings, rows }: Table): void =>
  void process.stdout.write(
    `${textTable(
      headings,
      rows.map((row) => row.map((cell) => cell.replaceAll("`", ""))),
    )}\n`,
  );
