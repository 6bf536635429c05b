import { Type } from "typebox";
import { filter, listQuery, pageOf, plainQuery } from "./page.ts";
import { closed, id, instant, jsonObject, nullableFlag, nullableFormat, nullableText, optionalFields, readOnly } from "./vocabulary.ts";

const pii =
  "Encrypted at rest. Shown in clear with the scope `pii:read`, else masked to the last two characters; the mask sent back changes nothing.";

/** What both the request and the answer show in the same form. */
const plainFields = {
  title: nullableText({ description: "Title or honorific.", example: "Ms." }),
  gender: Type.Unsafe<"m" | "f" | "o" | null>({
    type: ["string", "null"],
    enum: ["m", "f", "o", null],
    description: "`m`, `f`, `o` or null.",
    example: "f",
  }),
  birthday: nullableFormat("date", { description: "Date of birth, YYYY-MM-DD.", example: "1992-08-14" }),
  age: Type.Unsafe<number | null>({
    type: ["integer", "null"],
    minimum: 0,
    maximum: 150,
    description: "Age in years, stored as given.",
    example: 31,
  }),
  age_range: nullableText({ description: "Range of ages, stored as given.", example: "30-34" }),
  telephone: nullableText({ description: "Telephone number.", example: "+1-555-0789" }),
  address: nullableText({ description: "Street address.", example: "789 Pine Street" }),
  city: nullableText({ description: "City.", example: "Portland" }),
  state: nullableText({ description: "State or province.", example: "OR" }),
  postal_code: nullableText({ description: "Postal code.", example: "97201" }),
  country: nullableText({ description: "Name of the country.", example: "United States" }),
  country_id: nullableFormat("country", { description: "ISO 3166-1 alpha-2 code; kept in upper case.", example: "US" }),
  company: nullableText({ description: "Company.", example: "Creative Agency Co" }),
  tax_id: nullableText({ description: `Tax number. ${pii}`, example: "555-66-7777" }),
  passport_number: nullableText({ description: `Passport number. ${pii}`, example: null }),
  hometown: nullableText({ description: "Home town.", example: "Eugene" }),
  location: nullableText({ description: "Where the user is.", example: "Portland, OR" }),
  locale: nullableFormat("locale", { description: "Locale; kept with underscores.", example: "en_US" }, 35),
  event: nullableText({ description: "Event.", example: "Design Summit 2024" }),
  accept_terms: nullableFlag({ description: "Whether the user has accepted the terms.", example: true }),
  custom_field_1: nullableText({ description: "Free text of the organization.", example: "Gold Tier" }),
  custom_field_2: nullableText({ description: "Free text of the organization.", example: "Newsletter: Yes" }),
  custom_field_3: nullableText({ description: "Free text of the organization.", example: null }),
  custom_field_4: nullableText({ description: "Free text of the organization.", example: null }),
  custom_field_5: nullableText({ description: "Free text of the organization.", example: null }),
  custom_field_6: nullableText({ description: "Free text of the organization.", example: null }),
  custom_field_7: nullableText({ description: "Free text of the organization.", example: null }),
  custom_field_8: nullableText({ description: "Free text of the organization.", example: null }),
  preferences: jsonObject({
    description: "Preferences, to 64 KiB. PATCH merges them at every depth; a null inside is stored.",
    example: { theme: "dark", notifications: true, language: "en" },
  }),
  custom_fields: jsonObject({
    description: "Fields of the organization's own, to 64 KiB. PATCH merges them at every depth; a null inside is stored.",
    example: { department: "Engineering", employee_id: "EMP001", access_level: "senior" },
  }),
};

const assignedDevice = {
  device_type: nullableText({ description: "What sort of device it is.", example: "laptop" }),
  serial_number: nullableText({ description: "Serial number.", example: "XYZ789012" }),
  model: nullableText({ description: "Model.", example: "MacBook Pro 16" }),
  assigned_date: nullableFormat("instant", { description: "Since when the user has it.", example: "2024-01-15T10:30:00Z" }),
  status: nullableText({ description: "Its status.", example: "active" }),
};
const deviceId = { minLength: 1, maxLength: 255, description: "The inventory number, unique in the namespace.", example: "DEV-002" };

const deviceInfoInput = closed(
  {
    assigned_devices: Type.Array(closed({ device_id: Type.String(deviceId), ...optionalFields(assignedDevice) }), {
      maxItems: 1000,
      description: "Exactly the inventory devices that the user is to have.",
    }),
    device_count: readOnly("How many there are."),
  },
  { description: "Assigns exactly these inventory devices to the user, taking them from another one in sight if need be." },
);

const readOnlyFields = {
  id: readOnly("The record's id."),
  created_at: readOnly("When the record was made."),
  updated_at: readOnly("The last change."),
};
const parent = id("The id of the user whose record this is. It cannot change.");
const organizationId = Type.Unsafe<number | string>({
  type: ["integer", "string"],
  maxLength: 16,
  format: "digits",
  description: "The id of the user's organization; anything else is refused.",
  example: "12345",
});
const writable = { organization_id: organizationId, ...plainFields, device_info: deviceInfoInput };

export const UserExtraInput = closed(
  { parent, ...optionalFields(writable), ...readOnlyFields },
  { description: "A user's extra record as `/user_extra/` takes it." },
);
export const UserExtraPatch = closed(
  { ...optionalFields({ parent, ...writable }), ...readOnlyFields },
  { description: "The fields of an extra record to change; the others stay." },
);
export const UserExtraPatchRow = closed(
  { ...optionalFields({ parent, ...writable }), ...readOnlyFields, id: id("The record to change.", 125) },
  { description: "One extra record's changes in a PATCH of several." },
);

export const UserExtra = Type.Object(
  {
    id: id("The record's id.", 125),
    parent,
    organization_id: Type.String({ description: "The id of the user's organization.", example: "12345" }),
    ...plainFields,
    device_info: Type.Optional(
      Type.Object(
        {
          assigned_devices: Type.Array(Type.Object({ device_id: Type.String(deviceId), ...assignedDevice }), {
            description: "The user's inventory devices, by ascending id of their records.",
          }),
          device_count: Type.Integer({ minimum: 0, description: "How many there are.", example: 2 }),
        },
        { description: "Shown with `device_info=true`." },
      ),
    ),
    created_at: instant("When the record was made."),
    updated_at: instant("The last change.", "2024-02-10T16:45:00Z"),
  },
  { description: "What is known of a user beyond the account." },
);

export const UserExtraPage = pageOf(UserExtra, "A page of extra records.");

const deviceInfo = filter.flag("Whether to show the user's inventory devices as `device_info`.");

export const UserExtraQuery = plainQuery({ device_info: deviceInfo });

const digits = (description: string, example: string) =>
  Type.Optional(Type.String({ format: "digits", maxLength: 16, description, example }));

export const UserExtraListQuery = listQuery({
  parent: digits("Only the record of the user with this id.", "42"),
  parent__organization_id: digits("Records of users of the organization with this id; nothing below it is included.", "12345"),
  event: filter.text("Records with exactly this event.", "TechConf 2024"),
  last_change__gte: filter.since(),
  device_info: deviceInfo,
});
