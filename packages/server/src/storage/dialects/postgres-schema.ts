import { sql } from "kysely";
import type { Handle } from "../database.ts";

/** What there is of tables, views and the like in the schema that is ours, whoever made it. */
export const tablesInSchema = async (handle: Handle): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')`.execute(handle);
  return rows.map(({ name }) => name);
};

/** Reads the schema back from the catalogue: tables with their columns and constraints, then sequences and indexes, by name. */
export const describePostgresSchema = async (handle: Handle): Promise<string> => {
  const { rows: columns } = await sql<{ table: string; definition: string }>`
    select c.relname as "table",
      string_agg(format('%I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end,
        coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')), ', ' order by a.attnum) as definition
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
    group by c.relname order by c.relname`.execute(handle);
  const { rows: constraints } = await sql<{ definition: string }>`
    select format('alter table %I add constraint %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) as definition
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where c.relnamespace = current_schema()::regnamespace and k.contype <> 'n' order by c.relname, k.conname`.execute(handle);
  const { rows: indexes } = await sql<{ definition: string }>`
    select replace(i.indexdef, i.schemaname || '.', '') as definition from pg_indexes i
    where i.schemaname = current_schema()
      and not exists (select from pg_constraint k where k.conname = i.indexname)
    order by i.tablename, i.indexname`.execute(handle);
  const { rows: sequences } = await sql<{ definition: string }>`
    select format('create sequence %I', c.relname) as definition from pg_class c
    where c.relkind = 'S' and c.relnamespace = current_schema()::regnamespace order by c.relname`.execute(handle);
  return [
    ...columns.map((row) => `create table ${row.table} (${row.definition})`),
    ...constraints.map((row) => row.definition),
    ...sequences.map((row) => row.definition),
    ...indexes.map((row) => row.definition.replace(/^CREATE/, "create")),
  ]
    .map((line) => `${line};\n`)
    .join("");
};
