import { Type } from "typebox";
import { closed, instant, type Notes, nullableText } from "./vocabulary.ts";

/** A string whose form the rules check: a string of the wrong form is 422, anything else is 400. */
const checked = (notes: Notes) => Type.Optional(Type.Unsafe<string | null>({ type: ["string", "null"], ...notes }));

const profile = Type.Object(
  {
    first_name: checked({ description: "First name.", example: "John" }),
    last_name: checked({ description: "Last name.", example: "Smith" }),
    email: checked({ description: "E-mail address.", example: "john.smith@example.com" }),
  },
  { additionalProperties: false },
);

const inner = {
  number: checked({ description: "Telephone number in E.164.", example: "+1234567890" }),
  generic_id: checked({ description: "The app's own identifier.", example: "com.example.app.user123" }),
  imei: checked({ description: "15 digits, or 16 (IMEISV).", example: "123456789012345" }),
  imsi: checked({ description: "14 or 15 digits.", example: "310120123456789" }),
  iccid: checked({ description: "18 to 22 digits.", example: "12345678901234567890" }),
  username: checked({ description: "Finds the user; renames one who was found by `user_id` or `user_external_id`.", example: "john_doe" }),
  password: checked({
    description: "The new password, in clear: what a person types is taken as it is.",
    example: "hashed_password_string",
  }),
  user_external_id: checked({ description: "Finds the user, or is set on the one found; empty takes it away.", example: "ext_user_456" }),
  user_class: checked({ description: "The service class (`klass`).", example: "premium" }),
  user_id: Type.Optional(
    Type.Unsafe<number | string | null>({
      type: ["integer", "string", "null"],
      description: "Older form: the user's id, an integer or digits.",
      example: "12345",
    }),
  ),
  profile: Type.Optional(
    Type.Unsafe<Record<string, unknown> | null>({ ...profile, type: ["object", "null"], description: "Older form: names and e-mail." }),
  ),
  preferences: Type.Optional(
    Type.Unsafe<Record<string, unknown> | null>({
      type: ["object", "null"],
      additionalProperties: true,
      description: "Older form: merged into the preferences of the user's extra record, which is made if it is missing.",
      example: { notifications_enabled: true, language: "en" },
    }),
  ),
  version: Type.Optional(
    Type.Unsafe<number | null>({
      type: ["integer", "null"],
      description: "Older form: the version that the client last saw; another one is refused.",
      example: 15,
    }),
  ),
};

export const DeviceAppUserUpdateInput = closed(
  {
    data: Type.Optional(
      Type.Unsafe<string | Record<string, unknown>>({
        type: ["string", "object"],
        additionalProperties: true,
        description: "The fields below as one JSON object, written as a string or as the object itself.",
        example: '{"number": "+1234567890", "imei": "123456789012345", "username": "john_doe", "user_class": "premium"}',
      }),
    ),
    ...inner,
  },
  {
    description:
      "What to change, in `data` or unwrapped. All fields are optional, at least one is needed; null counts as not given. With `user_id`, `profile`, `preferences` or `version` the older form of the answer is given.",
  },
);

/** The inner object, for the same check wherever it stands. */
export const DeviceAppUserUpdateData = closed(inner, { description: "The inner object of `data`." });

export const DeviceAppUserUpdateAnswer = Type.Object(
  {
    number: nullableText({ description: "Telephone number.", example: "+1234567890" }),
    generic_id: nullableText({ description: "The app's own identifier.", example: "com.example.app.user123" }),
    imei: nullableText({ description: "IMEI or IMEISV.", example: "123456789012345" }),
    imsi: nullableText({ description: "IMSI.", example: "310120123456789" }),
    iccid: nullableText({ description: "ICCID.", example: "12345678901234567890" }),
    username: Type.String({ description: "Username.", example: "john_doe" }),
    password: Type.Unsafe<null>({ type: "null", description: "Always null: a password is never shown.", example: null }),
    user_external_id: nullableText({ description: "The account's id in another system.", example: "ext_user_456" }),
    user_class: nullableText({ description: "Service class.", example: "premium" }),
  },
  { description: "The user's fields as they now stand." },
);

export const DeviceAppUserUpdateOlderAnswer = Type.Object(
  {
    success: Type.Boolean({ description: "Always true.", example: true }),
    message: Type.String({ description: "One sentence.", example: "User information updated successfully" }),
    user_id: Type.String({ description: "The user's id as a string.", example: "12345" }),
    updated_fields: Type.Array(Type.String(), {
      description: "The keys that were sent, in their order.",
      example: ["profile.first_name", "preferences.language"],
    }),
    updated_at: instant("When the update was made.", "2024-01-15T14:30:22Z"),
    version: Type.Integer({ description: "Counts the user's changes.", example: 15 }),
  },
  { description: "The older form of the answer." },
);

export const DeviceAppUserUpdateResult = Type.Union([DeviceAppUserUpdateAnswer, DeviceAppUserUpdateOlderAnswer], {
  description: "The newer or the older form, as the request was.",
});
