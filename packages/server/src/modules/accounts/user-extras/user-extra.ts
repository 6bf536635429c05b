import { formatInstant } from "@gatehouse-aaa/contract";
import type { Image } from "../../../kernel/change.ts";

/** The fields that hold plain text and are written as they came. */
export const textFields = [
  "title",
  "gender",
  "birthday",
  "age_range",
  "telephone",
  "address",
  "city",
  "state",
  "postal_code",
  "country",
  "country_id",
  "company",
  "hometown",
  "location",
  "locale",
  "event",
  "custom_field_1",
  "custom_field_2",
  "custom_field_3",
  "custom_field_4",
  "custom_field_5",
  "custom_field_6",
  "custom_field_7",
  "custom_field_8",
] as const;

/** The fields that are sealed at rest and shown in clear by scope only. */
export const sealedFields = ["tax_id", "passport_number"] as const;

type JsonObject = Readonly<Record<string, unknown>>;

/** What is known about a user, under the names of the API: thirty fields are stored as they come and need no second name. */
export type Particulars = Readonly<Record<Exclude<(typeof textFields)[number], "gender">, string | null>> &
  Readonly<Record<(typeof sealedFields)[number], string | null>> & {
    readonly gender: "m" | "f" | "o" | null;
    readonly age: number | null;
    readonly accept_terms: boolean | null;
    readonly preferences: JsonObject;
    readonly custom_fields: JsonObject;
  };

/** A user's extra record. Tax and passport numbers are in clear here and nowhere else. */
export interface UserExtra {
  readonly id: number;
  readonly namespaceId: number;
  /** The organization of the parent; the record follows it. */
  readonly organizationId: number;
  /** The user whose record this is. */
  readonly parentId: number;
  readonly particulars: Particulars;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Counts the changes of anything the record shows, the user's inventory devices included. */
  readonly version: number;
}

/** The values of a new record. */
export const noParticulars: Particulars = {
  ...(Object.fromEntries([...textFields, ...sealedFields].map((name) => [name, null])) as Record<
    Exclude<(typeof textFields)[number], "gender"> | (typeof sealedFields)[number],
    null
  >),
  gender: null,
  age: null,
  accept_terms: null,
  preferences: {},
  custom_fields: {},
};

const revealed = 2;
/** Two characters of so short a value would reveal too much. */
const shortLength = 4;

/** A tax or passport number for a caller without pii:read: all but the last two characters are hidden. */
export const maskPii = (value: string | null): string | null => {
  if (value === null) return null;
  const characters = [...value];
  const shown = characters.length <= shortLength ? 0 : revealed;
  return "*".repeat(characters.length - shown) + characters.slice(characters.length - shown).join("");
};

/** The record as the audit trail keeps it. Of tax and passport numbers it shows whether there is one, and whether it changed. */
export const imageOfExtra = (extra: UserExtra, previous: UserExtra | null = null): Image => {
  const image: Record<string, unknown> = { parent: extra.parentId, ...extra.particulars };
  for (const name of sealedFields) {
    const value = extra.particulars[name];
    const isChanged = previous !== null && previous.particulars[name] !== value;
    image[name] = value === null ? null : isChanged ? "*** (changed)" : "***";
  }
  return { organization: extra.organizationId, ...image, updated_at: formatInstant(extra.updatedAtMs) };
};
