export { mergePreferences, type UserExtraStores } from "./user-extra-change.ts";
