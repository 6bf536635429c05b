import type { Instant } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    device: DeviceTable;
    device_move: DeviceMoveTable;
  }
}

export interface DeviceTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  user_id: number | null;
  kind: "inventory" | "number" | "generic_id" | "imei" | "imsi" | "iccid";
  identifier: string;
  device_type: string | null;
  serial_number: string | null;
  model: string | null;
  assigned_date: Instant | null;
  status: string | null;
  created_at: Instant;
  last_change: Instant;
  version: number;
}

export interface DeviceMoveTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  device_id: number;
  user_id: number | null;
  pseudonym: string | null;
  assigned_at: Instant;
  unassigned_at: Instant | null;
  operation: string;
  actor: string;
}
