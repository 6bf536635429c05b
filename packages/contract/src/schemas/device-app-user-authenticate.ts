import { Type } from "typebox";
import { User } from "./user.ts";
import { closed } from "./vocabulary.ts";

const inner = {
  username: Type.String({ minLength: 1, maxLength: 255, description: "The username, without regard to case.", example: "john_doe" }),
  password: Type.String({ maxLength: 255, description: "The password in clear.", example: "secret" }),
  device_id: Type.Optional(
    Type.Unsafe<string | null>({
      type: ["string", "null"],
      maxLength: 255,
      description: "Older form: the device on which the app runs. It is kept with the decision.",
      example: "device-1",
    }),
  ),
};

export const DeviceAppUserAuthenticateInput = closed(
  {
    data: Type.Optional(
      Type.Unsafe<string | Record<string, unknown>>({
        type: ["string", "object"],
        additionalProperties: true,
        description: "The fields below as one JSON object, written as a string or as the object itself.",
        example: '{"username": "john_doe", "password": "secret"}',
      }),
    ),
    username: Type.Optional(inner.username),
    password: Type.Optional(inner.password),
    device_id: inner.device_id,
  },
  {
    description: "Whose password is to be checked, in `data` or unwrapped.",
    example: { data: { username: "john_doe", password: "secret" } },
  },
);

/** The inner object of `data`, for the same check wherever it stands. */
export const DeviceAppUserAuthenticateData = closed(inner, { description: "The inner object of `data`." });

export const DeviceAppUserAuthenticateResult = Type.Object(
  {
    authenticated: Type.Literal(true, { description: "Always true: who is refused gets a problem document." }),
    user_id: Type.String({ description: "The user's id as a string.", example: "42" }),
    ...User.properties,
  },
  { description: "The account whose password it is, as `/user/` shows it." },
);
