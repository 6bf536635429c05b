import type { Image } from "../../../kernel/change.ts";
import type { AaaProfile } from "./aaa-profile.ts";
import { type SecretCheck, withMasks } from "./secret-attributes.ts";

/** The profile as the audit trail keeps it, without its secrets. */
export const imageOfProfile = (profile: AaaProfile, isSecret: SecretCheck): Image => ({
  organization: profile.organizationId,
  short_name: profile.shortName,
  name: profile.name,
  description: profile.description,
  check: withMasks(profile.check, isSecret),
  reply: withMasks(profile.reply, isSecret),
});
