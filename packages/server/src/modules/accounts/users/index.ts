export { type AccountHooks, imageOf, type UserStores } from "./account-change.ts";
export type { AccountFields } from "./account-draft.ts";
export type { AccountLockStore } from "./account-lock.store.ts";
export type { UserService } from "./user.service.ts";
export type { UserPlace, UserStore } from "./user.store.ts";
export { type User, usernameKey } from "./user.ts";
export { presentUser } from "./user.view.ts";
