import { DeviceAppUserUpdateData, formatInstant, operations, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { wrappedBodyReader } from "../../../http/wrapped-body.ts";
import { type DomainError, invalidField } from "../../../kernel/errors.ts";
import { type Device, type IdentifierKind, identifierKinds } from "../devices/index.ts";
import type { User } from "../users/index.ts";
import type { AppUpdate } from "./device-app.rules.ts";

type Body = Static<typeof schemas.DeviceAppUserUpdateInput>;
type Inner = Static<typeof DeviceAppUserUpdateData>;

const readBody = wrappedBodyReader(operations.deviceAppUserUpdateCreate, DeviceAppUserUpdateData);

/** Reads the request in all of its forms. Throws what is wrong with it as 400. */
export const readAppUpdate = (body: Body): AppUpdate => {
  const { inner, where } = readBody(body);
  return readInner(inner, where);
};

const readInner = (inner: Inner, where: "body" | "data"): AppUpdate => {
  const given = withoutNull(inner) as { [K in keyof Inner]: NonNullable<Inner[K]> };
  const profile = withoutNull(given.profile ?? {});
  const sentFields = Object.keys(given).flatMap((key) => {
    if (key === "user_id" || key === "version") return [];
    if (key === "profile") return Object.keys(profile).map((name) => `profile.${name}`);
    if (key === "preferences") return Object.keys(given.preferences!).map((name) => `preferences.${name}`);
    return [key];
  });
  // An empty external id means none: alone it identifies nobody.
  const isEmptyKey = given.user_id === undefined && given.user_external_id === "" && sentFields.length === 1;
  if (sentFields.length === 0 || isEmptyKey) throw nothingToUpdate(where);
  const { preferences } = given;
  return {
    identifiers: Object.fromEntries(identifierKinds.flatMap((kind) => (given[kind] === undefined ? [] : [[kind, given[kind]]]))),
    ...(given.user_id === undefined ? {} : { userId: given.user_id }),
    ...(given.username === undefined ? {} : { username: given.username }),
    ...(given.user_external_id === undefined ? {} : { externalId: given.user_external_id || null }),
    ...(given.password === undefined ? {} : { password: given.password }),
    ...(given.user_class === undefined ? {} : { klass: given.user_class }),
    profile,
    ...(preferences === undefined || Object.keys(preferences).length === 0 ? {} : { preferences }),
    ...(given.version === undefined ? {} : { version: given.version }),
    isOlderForm: (["user_id", "profile", "preferences", "version"] as const).some((key) => given[key] !== undefined),
    sentFields,
    ...(given.user_id === undefined && sentFields.length === 1 && isKey(sentFields[0]!) ? { onlyKeyIn: where } : {}),
  };
};

/** The refusal of a request that identifies a user and changes nothing. */
export const nothingToUpdate = (where: "body" | "data"): DomainError =>
  invalidField(where, "Has nothing to update: give at least one field besides the one that finds the user, and version.");

/** Whether a field can identify a user, so that it changes nothing when it is alone. */
const isKey = (field: string): boolean =>
  field === "username" || field === "user_external_id" || identifierKinds.includes(field as IdentifierKind);

const withoutNull = (object: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));

/** The newer form of the answer: the nine fields as they now stand. */
export const presentFields = (user: User, devices: readonly Device[]): Static<typeof schemas.DeviceAppUserUpdateAnswer> => {
  const identifierOf = (kind: IdentifierKind) => devices.find((device) => device.kind === kind)?.identifier ?? null;
  return {
    number: identifierOf("number"),
    generic_id: identifierOf("generic_id"),
    imei: identifierOf("imei"),
    imsi: identifierOf("imsi"),
    iccid: identifierOf("iccid"),
    username: user.username,
    password: null,
    user_external_id: user.externalId,
    user_class: user.klass,
  };
};

/** The older form of the answer. */
export const presentUpdate = (
  user: User,
  updatedFields: readonly string[],
  updatedAtMs: number,
): Static<typeof schemas.DeviceAppUserUpdateOlderAnswer> => ({
  success: true,
  message: "User information updated successfully",
  user_id: String(user.id),
  updated_fields: [...updatedFields],
  updated_at: formatInstant(updatedAtMs),
  version: user.version,
});
