import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import type { AaaProfile, AaaProfileFields, ProfileAttribute } from "./aaa-profile.ts";
import { type SecretCheck, withMasks } from "./secret-attributes.ts";

type Input = Static<typeof schemas.AaaProfileInput>;
type Patch = Static<typeof schemas.AaaProfilePatch>;
type Shown = Static<typeof schemas.AaaProfile>;

/** Shows a profile; `isMasked` says which of its values the caller must not see. */
export const presentAaaProfile = (profile: AaaProfile, isMasked: SecretCheck): Shown => ({
  id: profile.id,
  short_name: profile.shortName,
  name: profile.name,
  description: profile.description,
  organization: profile.organizationId,
  check: presentAttributes(withMasks(profile.check, isMasked)),
  reply: presentAttributes(withMasks(profile.reply, isMasked)),
  created_at: formatInstant(profile.createdAtMs),
  last_change: formatInstant(profile.lastChangeMs),
});

/** Validation let in the contract's operators alone. */
const presentAttributes = (attributes: readonly ProfileAttribute[]): Shown["check"] => [...attributes] as Shown["check"];

/** What a body says of a profile, for POST and PATCH: what it does not name is left alone. */
export const readAaaProfileBody = (body: Input | Patch): AaaProfileFields => ({
  shortName: body.short_name,
  name: body.name,
  description: body.description,
  organization: body.organization,
  check: body.check,
  reply: body.reply,
});

/** What a PUT says: what is left out returns to its default. */
export const readAaaProfileReplacement = (body: Input): AaaProfileFields => ({
  ...readAaaProfileBody(body),
  name: body.name ?? body.short_name,
  description: body.description ?? null,
  check: body.check ?? [],
  reply: body.reply ?? [],
});
