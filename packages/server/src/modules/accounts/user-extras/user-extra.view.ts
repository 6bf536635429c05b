import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { deepMerge, mergePatch } from "../../../kernel/merge-patch.ts";
import { presentInstant, readInstant } from "../../../kernel/nullable-values.ts";
import type { Device, WantedDevice } from "../devices/index.ts";
import { maskPii, noParticulars, type UserExtra } from "./user-extra.ts";
import type { UserExtraFields } from "./user-extra-draft.rules.ts";

type Input = Static<typeof schemas.UserExtraInput>;
type Patch = Static<typeof schemas.UserExtraPatch>;
type Answer = Static<typeof schemas.UserExtra>;

export interface UserExtraView {
  /** Whether tax and passport numbers are shown in clear. */
  readonly inClear: boolean;
  /** The parent's inventory devices, when they are to be shown. */
  readonly devices?: readonly Device[] | undefined;
}

export const presentUserExtra = (extra: UserExtra, { inClear, devices }: UserExtraView): Answer => ({
  id: extra.id,
  parent: extra.parentId,
  organization_id: String(extra.organizationId),
  ...extra.particulars,
  ...(inClear ? {} : { tax_id: maskPii(extra.particulars.tax_id), passport_number: maskPii(extra.particulars.passport_number) }),
  ...(devices ? { device_info: { assigned_devices: devices.map(presentAssigned), device_count: devices.length } } : {}),
  created_at: formatInstant(extra.createdAtMs),
  updated_at: formatInstant(extra.updatedAtMs),
});

const presentAssigned = (device: Device) => ({
  device_id: device.identifier,
  device_type: device.deviceType,
  serial_number: device.serialNumber,
  model: device.model,
  assigned_date: presentInstant(device.assignedDateMs),
  status: device.status,
});

/** What a body of `/user_extra/` says, for PATCH: what it does not name is left alone, and its objects merge. */
export const readUserExtraPatch = (body: Patch, isMergePatch: boolean): UserExtraFields => {
  const merging = (named: Record<string, unknown> | undefined) =>
    named && ((present: Readonly<Record<string, unknown>>) => (isMergePatch ? mergePatch : deepMerge)({ ...present }, named));
  return { ...readFields(body), preferences: merging(body.preferences), customFields: merging(body.custom_fields) };
};

/** What a body says for POST and PUT: what is left out is null, and `{}` for the two objects; devices stay. */
export const readUserExtraReplacement = (body: Input): UserExtraFields => {
  const fields = readFields(body);
  const { preferences: _, custom_fields: __, ...nothing } = noParticulars;
  const named = Object.fromEntries(Object.entries(fields.values).filter(([, value]) => value !== undefined));
  return {
    ...fields,
    values: { ...nothing, ...named },
    preferences: () => body.preferences ?? {},
    customFields: () => body.custom_fields ?? {},
  };
};

const readFields = (body: Input | Patch): UserExtraFields => {
  const {
    id: _id,
    created_at: _created,
    updated_at: _updated,
    parent,
    organization_id,
    device_info,
    preferences: _preferences,
    custom_fields: _custom,
    ...values
  } = body;
  return {
    parent,
    organizationId: organization_id,
    values: { ...values, country_id: values.country_id?.toUpperCase() ?? values.country_id, locale: underscored(values.locale) },
    devices: device_info?.assigned_devices.map(readDevice),
  };
};

const underscored = (locale: string | null | undefined) => locale?.replaceAll("-", "_") ?? locale;

type AssignedInput = NonNullable<Patch["device_info"]>["assigned_devices"][number];

const readDevice = (device: AssignedInput): WantedDevice => ({
  kind: "inventory",
  identifier: device.device_id,
  deviceType: device.device_type ?? null,
  serialNumber: device.serial_number ?? null,
  model: device.model ?? null,
  assignedDateMs: readInstant(device.assigned_date) ?? null,
  status: device.status ?? null,
});
