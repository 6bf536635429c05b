/** A table of a real schema, as its description tells. */
export interface Table {
  readonly name: string;
  readonly key: readonly string[];
}
export interface UniqueIndex {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
}

const columnsIn = (list: string): string[] => list.split(",").map((column) => column.trim());
const plain = (description: string): string => description.replaceAll('"', "").toLowerCase();

/** The tables of a described schema with their primary keys; the search indexes of a dialect are no tables of ours. */
export const tablesIn = (description: string): Table[] => {
  const text = plain(description);
  const keys = new Map(
    [...text.matchAll(/^alter table (\w+) add constraint \w+ primary key \(([^)]*)\)/gm)].map((match) => [match[1]!, match[2]!]),
  );
  return [...text.matchAll(/^create table (\w+) \((.*)\);$/gm)].map(([, name, body]) => {
    const key =
      keys.get(name!) ?? /primary key \(([^)]*)\)/.exec(body!)?.[1] ?? /(?:^|, )(\w+) \w+(?: not null)? primary key/.exec(body!)?.[1] ?? "";
    return { name: name!, key: columnsIn(key) };
  });
};

/** The unique indexes and constraints of a described schema, primary keys aside. */
export const uniqueIn = (description: string): UniqueIndex[] => {
  const text = plain(description);
  const patterns = [
    /^create unique index (?<name>\w+) on (?<table>\w+) (?:using btree )?\((?<columns>[^)]*)\)/gm,
    /^alter table (?<table>\w+) add constraint (?<name>\w+) unique \((?<columns>[^)]*)\)/gm,
  ];
  const indexes = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ groups }) => ({
      name: groups!["name"]!,
      table: groups!["table"]!,
      columns: columnsIn(groups!["columns"]!),
    })),
  );
  const inline = [...text.matchAll(/^create table (\w+) \(.*?constraint (\w+) unique \(([^)]*)\)/gm)];
  return [...indexes, ...inline.map(([, table, name, columns]) => ({ name: name!, table: table!, columns: columnsIn(columns!) }))];
};

/** Tables that belong to no tenant. */
export const globalTables: readonly string[] = ["schema_migration", "id_block", "installation", "lease", "aaa_client_address"];

const isSearch = (name: string) => /__\w+_search(?:_\w+)?$/.test(name);

/** Keys and unique indexes that do not begin with the namespace. */
export const tenantless = (description: string): string[] => {
  const owned = (table: string) => !globalTables.includes(table) && !isSearch(table);
  return [
    ...tablesIn(description)
      .filter(({ name, key }) => owned(name) && key[0] !== "name_space_id")
      .map(({ name, key }) => `the key of ${name} is (${key.join(", ")})`),
    ...uniqueIn(description)
      .filter(({ table, columns }) => owned(table) && columns[0] !== "name_space_id")
      .map(({ name, columns }) => `${name} is unique over (${columns.join(", ")})`),
  ];
};
