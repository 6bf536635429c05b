export type { AccountFields } from "./account-draft.ts";
export { userRoutes } from "./user.routes.ts";
export { type AccountDependent, createUserService, type UserService, type UserStores } from "./user.service.ts";
export { type UserStore, userStoreOver } from "./user.store.ts";
export { imageOf, type User, usernameKey } from "./user.ts";
export { userTokenRoutes } from "./user-token.routes.ts";
