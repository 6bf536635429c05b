import { Type } from "typebox";
import { filter, listQuery, pageOf } from "./page.ts";
import { id, instant, nullableInstant, nullableText } from "./vocabulary.ts";

/** What an identifier is: an inventory number, or one of the identifiers of a SIM, a telephone or an app. */
export const deviceKinds = ["inventory", "number", "generic_id", "imei", "imsi", "iccid"] as const;

const kind = Type.Enum([...deviceKinds], {
  description:
    "What the identifier is. A user has any number of `inventory` devices and at most one of each other kind: `number` (telephone), `generic_id` (app), `imei`, `imsi`, `iccid`.",
  example: "imei",
});

export const Device = Type.Object(
  {
    id: id("The device's id.", 7),
    organization: id("The id of the organization: that of the user, or of the last one.", 12345),
    user: Type.Unsafe<number | null>({ type: ["integer", "null"], description: "The user who has it; null: nobody.", example: 42 }),
    kind,
    identifier: Type.String({ description: "The identifier, unique for its kind in the namespace.", example: "990000862471854" }),
    device_type: nullableText({ description: "What sort of device it is.", example: "phone" }),
    serial_number: nullableText({ description: "Serial number.", example: "MOB456789" }),
    model: nullableText({ description: "Model.", example: "iPhone 15 Pro" }),
    assigned_date: nullableInstant("Since when the user has it.", "2024-01-20T14:00:00Z"),
    status: nullableText({ description: "Its status in the words of the client.", example: "active" }),
    created_at: instant("When it was first seen."),
    last_change: instant("Its last change."),
  },
  { description: "A device or an identifier of one, as a record of its own." },
);

export const DevicePage = pageOf(Device, "A page of devices.");

export const DeviceListQuery = listQuery({
  user: filter.id("Only devices that this user has."),
  organization: filter.organization(),
  kind: Type.Optional(kind),
  identifier: filter.text("Devices with exactly this identifier.", "990000862471854"),
  last_change__gte: filter.since(),
});

export const DeviceMove = Type.Object(
  {
    id: id("The row's id.", 7),
    device: id("The device's id.", 7),
    user: Type.Unsafe<number | null>({
      type: ["integer", "null"],
      description: "The user who had it; null when the account has been deleted.",
      example: 42,
    }),
    pseudonym: nullableText({ description: "Stands for a deleted account: the same in all of its rows.", example: null }),
    organization: id("The id of the user's organization.", 12345),
    assigned_at: instant("When the user got it.", "2024-01-20T14:00:00Z"),
    unassigned_at: nullableInstant("When the user lost it; null: not yet.", null),
    operation: Type.String({ description: "The operation that gave it to the user.", example: "device_app_user_update_create" }),
    actor: Type.String({ description: "Who did it.", example: "api_token:1" }),
  },
  { description: "One stretch of time in which a user had a device." },
);

export const DeviceMovePage = pageOf(DeviceMove, "A page of the device's history.");
export const DeviceMoveListQuery = listQuery({});
