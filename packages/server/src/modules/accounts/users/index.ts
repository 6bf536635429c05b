export type { AccountHooks, UserStores } from "./account-change.ts";
export type { AccountDraft, AccountFields } from "./account-draft.ts";
export { type AccountLockStore, accountLockStore } from "./account-lock.store.ts";
export { userRoutes } from "./user.routes.ts";
export { createUserService, type UserService } from "./user.service.ts";
export { type UserPlace, type UserStore, userStore } from "./user.store.ts";
export { imageOf, type User, usernameKey } from "./user.ts";
export { presentUser } from "./user.view.ts";
export { userTokenRoutes } from "./user-token.routes.ts";
