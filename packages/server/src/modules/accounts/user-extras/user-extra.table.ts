import type { ColumnType } from "kysely";
import type { Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    user_extra: UserExtraTable;
  }
}

export interface UserExtraTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  parent_id: number;
  title: string | null;
  gender: "m" | "f" | "o" | null;
  birthday: string | null;
  age: number | null;
  age_range: string | null;
  telephone: string | null;
  address: string | null;
  city: string | null;
  state: string | null;
  postal_code: string | null;
  country: string | null;
  country_id: string | null;
  company: string | null;
  /** Sealed, as is the passport number. */
  tax_id: string | null;
  passport_number: string | null;
  hometown: string | null;
  location: string | null;
  locale: string | null;
  event: string | null;
  accept_terms: ColumnType<boolean | 0 | 1 | null, boolean | null, boolean | null>;
  custom_field_1: string | null;
  custom_field_2: string | null;
  custom_field_3: string | null;
  custom_field_4: string | null;
  custom_field_5: string | null;
  custom_field_6: string | null;
  custom_field_7: string | null;
  custom_field_8: string | null;
  preferences: Json;
  custom_fields: Json;
  created_at: Instant;
  updated_at: Instant;
  version: number;
}
