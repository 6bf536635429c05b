import { operation } from "../operation.ts";
import { DeviceAppUserUpdateInput, DeviceAppUserUpdateResult } from "../schemas/device-app-user-update.ts";
import { plainQuery } from "../schemas/page.ts";

export const deviceAppUserUpdateCreate = operation({
  operationId: "device_app_user_update_create",
  tag: "device_app_user_update",
  method: "POST",
  path: "/device_app_user_update/",
  scope: "device_app_user_update:write",
  summary: "Update a user and the identifiers of the user's device",
  description:
    "Finds the user by the first of `user_id`, `username`, `user_external_id`, else by the owner of a device with that `imsi`, `iccid`, `imei`, `number` or `generic_id`, and changes what else is given, all or nothing. A username means whom it means at `device_app_user_authenticate`, and a device whose owner is in the namespace of the token first; what several organizations below have is 409. A key that only finds the user changes nothing: alone, it is 400; beside it, a value that holds already is taken, so that a repeated update is 201. Device identifiers move one by one to the user found. `username` and `password` do not change on a user who was found by a device alone.",
  query: plainQuery(),
  body: DeviceAppUserUpdateInput,
  lenientJson: true,
  success: { status: 201, description: "The user is updated.", schema: DeviceAppUserUpdateResult },
  errors: [
    "request.unprocessable",
    "user.not_found",
    "user.ambiguous",
    "user.not_identified",
    "user.stale_version",
    "device.held_elsewhere",
  ],
  retry: "unsafe",
});

export const deviceAppUserUpdateOperations = [deviceAppUserUpdateCreate];
