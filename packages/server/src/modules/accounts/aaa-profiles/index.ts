export { imageOfProfile } from "./aaa-profile.image.ts";
export { aaaProfileRoutes } from "./aaa-profile.routes.ts";
export { type AaaProfileService, createAaaProfileService } from "./aaa-profile.service.ts";
export { type AaaProfileStore, aaaProfileStore, type ProfileReference } from "./aaa-profile.store.ts";
export type { AaaProfile, ProfileAttribute } from "./aaa-profile.ts";
export type { AttributeListCheck, AttributeNaming } from "./attribute-lists.ts";
export { type SecretCheck, withMasks } from "./secret-attributes.ts";
