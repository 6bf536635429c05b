export { imageOfProfile } from "./aaa-profile.image.ts";
export type { AaaProfileStore, ProfileReference } from "./aaa-profile.store.ts";
export type { AaaProfile, ProfileAttribute } from "./aaa-profile.ts";
export type { AttributeListCheck, AttributeNaming } from "./attribute-lists.ts";
export { type SecretCheck, withMasks } from "./secret-attributes.ts";
