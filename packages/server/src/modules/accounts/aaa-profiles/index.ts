export {
  type AaaProfile,
  type AaaProfileStore,
  createAaaProfileStore,
  imageOfProfile,
  type ProfileAttribute,
  type ProfileReference,
} from "./aaa-profile.store.ts";
