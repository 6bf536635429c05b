import { operation } from "../operation.ts";
import { AaaProfile, AaaProfileInput, AaaProfileListQuery, AaaProfilePage, AaaProfilePatch } from "../schemas/aaa-profile.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath } from "../schemas/path.ts";

const tag = "aaa_profile";
const byId = idInPath("The profile's id.", 2);
const ok = { status: 200, description: "The profile as it now stands.", schema: AaaProfile } as const;

export const aaaProfileList = operation({
  operationId: "aaa_profile_list",
  tag,
  method: "GET",
  path: "/aaa_profile/",
  scope: "aaa_profile:read",
  summary: "List AAA profiles",
  description: "The profiles of the organizations in sight, by id, narrowed by the filters given.",
  query: AaaProfileListQuery,
  success: { status: 200, description: "A page of AAA profiles.", schema: AaaProfilePage },
  errors: [],
  retry: "safe",
});

export const aaaProfileCreate = operation({
  operationId: "aaa_profile_create",
  tag,
  method: "POST",
  path: "/aaa_profile/",
  scope: "aaa_profile:write",
  summary: "Create an AAA profile",
  description: "Creates a profile that accounts of its organization and of those below it may carry.",
  query: plainQuery(),
  body: AaaProfileInput,
  success: { status: 201, description: "The profile that was made.", schema: AaaProfile },
  errors: [],
  retry: "unsafe",
});

export const aaaProfileRead = operation({
  operationId: "aaa_profile_read",
  tag,
  method: "GET",
  path: "/aaa_profile/{id}/",
  scope: "aaa_profile:read",
  summary: "Read an AAA profile",
  description: "One profile by its id.",
  params: byId,
  query: plainQuery(),
  success: { status: 200, description: "The profile.", schema: AaaProfile },
  errors: ["aaa_profile.not_found"],
  retry: "safe",
});

export const aaaProfileUpdate = operation({
  operationId: "aaa_profile_update",
  tag,
  method: "PUT",
  path: "/aaa_profile/{id}/",
  scope: "aaa_profile:write",
  summary: "Replace an AAA profile",
  description:
    "Replaces the profile: left out, the name becomes the short name, the description null, and check and reply empty. The short name of a profile in use cannot change.",
  params: byId,
  query: plainQuery(),
  body: AaaProfileInput,
  success: ok,
  errors: ["aaa_profile.not_found", "aaa_profile.in_use"],
  retry: "idempotent",
});

export const aaaProfilePartialUpdate = operation({
  operationId: "aaa_profile_partial_update",
  tag,
  method: "PATCH",
  path: "/aaa_profile/{id}/",
  scope: "aaa_profile:write",
  summary: "Change an AAA profile",
  description: "Changes the fields named; `check` and `reply` are replaced. The short name of a profile in use cannot change.",
  params: byId,
  query: plainQuery(),
  body: AaaProfilePatch,
  success: ok,
  errors: ["aaa_profile.not_found", "aaa_profile.in_use"],
  retry: "idempotent",
});

export const aaaProfileDelete = operation({
  operationId: "aaa_profile_delete",
  tag,
  method: "DELETE",
  path: "/aaa_profile/{id}/",
  scope: "aaa_profile:write",
  summary: "Delete an AAA profile",
  description: "Deletes a profile that no account carries.",
  params: byId,
  query: plainQuery(),
  success: { status: 204, description: "The profile is deleted." },
  errors: ["aaa_profile.not_found", "aaa_profile.in_use"],
  retry: "idempotent",
});

export const aaaProfileOperations = [
  aaaProfileList,
  aaaProfileCreate,
  aaaProfileRead,
  aaaProfileUpdate,
  aaaProfilePartialUpdate,
  aaaProfileDelete,
];
