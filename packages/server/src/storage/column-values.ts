import type { ColumnType } from "kysely";

/** JSON as text: both drivers give and take the text itself, so key order and numbers stay as they came. */
export type Json = string;
/** Stored as the database's own boolean; read it with Boolean(), for one of the databases answers 0 and 1. */
export type Flag = ColumnType<boolean | 0 | 1, boolean, boolean>;
/** Milliseconds since 1970. */
export type Instant = number;
