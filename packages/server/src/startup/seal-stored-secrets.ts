import type { App } from "../composition/app.ts";
import { dictionarySecrets } from "../composition/attribute-dictionary.ts";
import type { Image } from "../kernel/change.ts";
import { type ProfileAttribute, withMasks } from "../modules/accounts/aaa-profiles/index.ts";
import { commandCaller } from "./first-start.ts";

const sealedName = "profile_secrets_sealed";
/** Counts what is taken for a secret: with more of it, what stands there in clear is sealed once more. */
const sealedVersion = "2";

/**
 * Seals, once for each version of what a secret is, what versions before it stored in clear: passwords and keys in AAA profiles, and in
 * the audit trail of these. A migration has no key to do it with. Killed in between, the next start does it again.
 */
export const sealStoredSecrets = async (app: App): Promise<void> => {
  const everything = app.work.acrossTenants("secrets of every tenant are sealed");
  if ((await everything.installation.find(sealedName)) === sealedVersion) return;
  const caller = commandCaller("serve");
  await app.work.run(caller, (tx) => tx.aaaProfiles.sealStored());
  for (let next: string | undefined = ""; next !== undefined; ) {
    const from: string = next;
    next = await app.work.run(caller, (tx) => tx.changeLog.rewriteImages("aaa_profile", from, withoutSecrets));
  }
  await app.work.run(caller, (tx) => tx.installation.keep(sealedName, sealedVersion));
};

const withoutSecrets = (image: Image): Image => {
  const { check, reply } = image as { check?: ProfileAttribute[]; reply?: ProfileAttribute[] };
  return {
    ...image,
    ...(check && { check: withMasks(check, dictionarySecrets) }),
    ...(reply && { reply: withMasks(reply, dictionarySecrets) }),
  };
};
