declare module "../../../storage/tables.ts" {
  interface Tables {
    reversible_secret: ReversibleSecretTable;
  }
}

/** A password that its organization keeps readable for methods that no hash serves, sealed. */
export interface ReversibleSecretTable {
  name_space_id: number;
  user_id: number;
  secret: string;
}
