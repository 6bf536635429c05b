import type { Page } from "../kernel/pagination.ts";

/**
 * Reads the rows of a page. One that cannot be read, as a damaged disk or a lost key leaves it, is no reason to refuse the others: it has
 * its id, and throws what is wrong with it when anything else of it is looked at.
 */
export const readRows = <Row extends { readonly id: number }, Shown extends object>(
  page: Page<Row>,
  read: (row: Row) => Shown,
): Page<Shown> => ({ ...page, rows: page.rows.map((row) => readOr(row, read)) });

const readOr = <Row extends { readonly id: number }, Shown extends object>(row: Row, read: (row: Row) => Shown): Shown => {
  try {
    return read(row);
  } catch (error) {
    return new Proxy({} as Shown, {
      get(_, field) {
        if (field === "id") return row.id;
        throw error;
      },
    });
  }
};
