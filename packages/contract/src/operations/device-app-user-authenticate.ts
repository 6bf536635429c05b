import { operation } from "../operation.ts";
import { DeviceAppUserAuthenticateInput, DeviceAppUserAuthenticateResult } from "../schemas/device-app-user-authenticate.ts";
import { plainQuery } from "../schemas/page.ts";

export const deviceAppUserAuthenticateCreate = operation({
  operationId: "device_app_user_authenticate_create",
  tag: "device_app_user_authenticate",
  method: "POST",
  path: "/device_app_user_authenticate/",
  scope: "device_app_user_authenticate:write",
  summary: "Check a user's password and whether the user may be let in",
  description:
    "Evaluates the table by which network equipment is answered, without a session: no reservation is made and check attributes are not compared. Credentials are checked first, so the state of the account is revealed only to a caller with the right password.",
  query: plainQuery(),
  body: DeviceAppUserAuthenticateInput,
  success: { status: 201, description: "The user is who they say, and may be let in.", schema: DeviceAppUserAuthenticateResult },
  errors: [
    "access.wrong_credential",
    "access.inactive",
    "access.expired",
    "access.no_time_left",
    "access.profile_refuses",
    "access.too_many_attempts",
  ],
  retry: "unsafe",
});

export const deviceAppUserAuthenticateOperations = [deviceAppUserAuthenticateCreate];
