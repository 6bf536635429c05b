export { userExtraStore } from "./user-extra.store.ts";
export type { UserExtra } from "./user-extra.ts";
export { mergePreferences, type UserExtraStores } from "./user-extra-change.ts";
