/** Every schema that has a name of its own in the OpenAPI document: the export's name is the component's name. */
export {
  AaaAccounting,
  AaaAccountingEvent,
  AaaAccountingEventPage,
  AaaAccountingPage,
  DisconnectInput,
  DisconnectRequest,
} from "./aaa-accounting.ts";
export { AaaClient, AaaClientInput, AaaClientPage, AaaClientPatch, AaaClientReplacement } from "./aaa-client.ts";
export { AaaProfile, AaaProfileInput, AaaProfilePage, AaaProfilePatch, ProfileAttribute } from "./aaa-profile.ts";
export { AccessDecision, AccessDecisionPage, AccessSimulation, AccessSimulationInput, AccessTraceLine } from "./access-decision.ts";
export { AddressGrant, AddressGrantInput, AddressGrantPage, AddressGrantPatch } from "./address-grant.ts";
export { ApiToken, ApiTokenInput, ApiTokenPage, ApiTokenPatch, ApiTokenWithSecret } from "./api-token.ts";
export { Device, DeviceMove, DeviceMovePage, DevicePage } from "./device.ts";
export { DeviceAppUserAuthenticateInput, DeviceAppUserAuthenticateResult } from "./device-app-user-authenticate.ts";
export {
  DeviceAppUserUpdateAnswer,
  DeviceAppUserUpdateInput,
  DeviceAppUserUpdateOlderAnswer,
  DeviceAppUserUpdateResult,
} from "./device-app-user-update.ts";
export { FreeradiusAnswer, FreeradiusRequest } from "./freeradius.ts";
export { Organization, OrganizationInput, OrganizationPage, OrganizationPatch } from "./organization.ts";
export { Problem } from "./problem.ts";
export { User, UserInput, UserPage, UserPatch, UserPatchRow } from "./user.ts";
export { UserExtra, UserExtraInput, UserExtraPage, UserExtraPatch, UserExtraPatchRow } from "./user-extra.ts";
export {
  TimeLedgerEntry,
  TimeLedgerPage,
  TopUpInput,
  UserToken,
  UserTokenInput,
  UserTokenPage,
  UserTokenPatch,
  UserTokenPatchRow,
} from "./user-token.ts";
