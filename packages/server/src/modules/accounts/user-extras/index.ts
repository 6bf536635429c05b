export { userExtraRoutes } from "./user-extra.routes.ts";
export { createUserExtraService, type UserExtraService } from "./user-extra.service.ts";
export { type UserExtraStore, userExtraStore } from "./user-extra.store.ts";
export type { UserExtra } from "./user-extra.ts";
export { extrasOfAccounts, mergePreferences, type UserExtraStores } from "./user-extra-change.ts";
