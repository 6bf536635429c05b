import { formatInstant } from "@gatehouse-aaa/contract";
import { type Image, recordChange } from "../../../kernel/change.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";

/** Identifiers of a SIM, a telephone or an app: a user has at most one of each. */
export const identifierKinds = ["number", "generic_id", "imei", "imsi", "iccid"] as const;
export const deviceKinds = ["inventory", ...identifierKinds] as const;

export type IdentifierKind = (typeof identifierKinds)[number];
export type DeviceKind = (typeof deviceKinds)[number];

/** What a device is called: unique in its namespace. Identifiers are compared exactly. */
export interface DeviceName {
  readonly kind: DeviceKind;
  readonly identifier: string;
}

export interface DeviceAttributes {
  readonly deviceType: string | null;
  readonly serialNumber: string | null;
  readonly model: string | null;
  readonly assignedDateMs: number | null;
  readonly status: string | null;
}

/** A device that a user is to have; attributes that are not given stay as they are. */
export type WantedDevice = DeviceName & Partial<DeviceAttributes>;

/** A device, or an identifier of one; without a user it is free, and belongs to the organization of its last user. */
export interface Device extends DeviceName, DeviceAttributes {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly userId: number | null;
  readonly createdAtMs: number;
  readonly lastChangeMs: number;
  readonly version: number;
}

/** The account that has a device or is to have it. */
export interface Holder {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
}

/** One stretch of time in which a user had a device. */
export interface DeviceMove {
  readonly id: number;
  readonly namespaceId: number;
  /** The user's organization: the wall stands around the user, and follows wherever the user goes. */
  readonly organizationId: number;
  readonly deviceId: number;
  /** Null when the account has been deleted; then the pseudonym stands for it. */
  readonly userId: number | null;
  readonly pseudonym: string | null;
  readonly assignedAtMs: number;
  readonly unassignedAtMs: number | null;
  /** What gave the device to the user. */
  readonly operation: string;
  readonly actor: string;
}

/** One key for a name, for maps and for the order in which devices are locked. */
export const nameKey = ({ kind, identifier }: DeviceName): string => `${kind}\n${identifier}`;

/** The device as the audit trail keeps it. */
export const imageOfDevice = (device: Device): Image => ({
  organization: device.organizationId,
  user: device.userId,
  kind: device.kind,
  identifier: device.identifier,
  device_type: device.deviceType,
  serial_number: device.serialNumber,
  model: device.model,
  assigned_date: device.assignedDateMs === null ? null : formatInstant(device.assignedDateMs),
  status: device.status,
});

export const recordDeviceChange = (tx: Transaction<unknown>, operation: string, before: Device | null, after: Device): void =>
  recordChange(tx, {
    operation,
    resource: "device",
    record: after,
    before: before && imageOfDevice(before),
    after: imageOfDevice(after),
  });
