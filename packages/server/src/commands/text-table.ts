/** Rows under their headings as people read them: columns aligned, two spaces apart. */
export const textTable = (headings: readonly string[], rows: readonly (readonly string[])[]): string => {
  const lines = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
};

/** Names come from requests: a line break or an escape code in one must not reach the terminal. */
const printable = (cell: string): string => cell.replace(/\p{Cc}/gu, "?");
