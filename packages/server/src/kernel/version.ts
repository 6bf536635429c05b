/**
 * The entity tag of a record: `"<id>.<version>"`, followed by what else its view depends on. Versions count the
 * changes of a record, debits and logins aside.
 */
export const versionTag = (record: string, version: number, ...view: readonly (string | number)[]): string =>
  view.length === 0 ? `"${record}.${version}"` : `"${record}.${version}.${view.join(".")}"`;
