import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { presentInstant } from "../../../kernel/nullable-values.ts";
import type { Device, DeviceMove } from "./device.ts";

export const presentDevice = (device: Device): Static<typeof schemas.Device> => ({
  id: device.id,
  organization: device.organizationId,
  user: device.userId,
  kind: device.kind,
  identifier: device.identifier,
  device_type: device.deviceType,
  serial_number: device.serialNumber,
  model: device.model,
  assigned_date: presentInstant(device.assignedDateMs),
  status: device.status,
  created_at: formatInstant(device.createdAtMs),
  last_change: formatInstant(device.lastChangeMs),
});

export const presentDeviceMove = (move: DeviceMove): Static<typeof schemas.DeviceMove> => ({
  id: move.id,
  device: move.deviceId,
  user: move.userId,
  pseudonym: move.pseudonym,
  organization: move.organizationId,
  assigned_at: formatInstant(move.assignedAtMs),
  unassigned_at: presentInstant(move.unassignedAtMs),
  operation: move.operation,
  actor: move.actor,
});
