import BetterSqlite from "better-sqlite3";

/** Whether a file holds tables, and not the one that each Gatehouse makes first. Looks without changing anything. */
export const isForeignFile = (file: string): boolean => {
  const connection = new BetterSqlite(file, { fileMustExist: true, timeout: 10_000 });
  try {
    const tables = connection
      .prepare("select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%'")
      .pluck();
    const names = tables.all() as string[];
    return names.length > 0 && !names.includes("schema_migration");
  } finally {
    connection.close();
  }
};
