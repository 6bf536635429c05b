import type { Caller } from "../../../kernel/caller.ts";
import { DomainError, Faults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { type Precondition, requireVersion } from "../../../kernel/version.ts";
import { type OrganizationDirectory, readOrganizationReference } from "../../foundation/organizations/index.ts";
import { imageOfProfile } from "./aaa-profile.image.ts";
import type { AaaProfileStore } from "./aaa-profile.store.ts";
import { type AaaProfile, type AaaProfileFields, blankProfile, contentOf } from "./aaa-profile.ts";
import {
  type AttributeListCheck,
  type AttributeNaming,
  addListFaults,
  judgeLists,
  namedFields,
  plainAttribute,
} from "./attribute-lists.ts";
import { addMaskFaults, hasMask, type SecretCheck, withoutMasks } from "./secret-attributes.ts";

export interface AaaProfileServiceDependencies<Stores extends { readonly aaaProfiles: AaaProfileStore }> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"aaa_profile">;
  readonly directory: OrganizationDirectory;
  readonly judgeAttributes: AttributeListCheck;
  readonly isSecret: SecretCheck;
  readonly nameAttribute: AttributeNaming;
}

export type AaaProfileService = ReturnType<typeof createAaaProfileService>;

/** The rules of AAA profiles. Accounts carry them by short name, so that one in use keeps its name and is not deleted. */
export const createAaaProfileService = <Stores extends { readonly aaaProfiles: AaaProfileStore }>({
  work,
  ids,
  directory,
  judgeAttributes,
  isSecret,
  nameAttribute,
}: AaaProfileServiceDependencies<Stores>) => ({
  async get(scope: TenantScope, id: number): Promise<AaaProfile> {
    return (await work.for(scope).aaaProfiles.find(id)) ?? notFound();
  },

  async create(caller: Caller, operation: string, given: AaaProfileFields): Promise<AaaProfile> {
    const fields = namedFields(given, nameAttribute);
    const found = judgeLists(judgeAttributes, fields);
    const id = await ids.take("aaa_profile");
    const tree = await directory.current();
    return work.run(caller, async (tx) => {
      const faults = new Faults();
      const reference = fields.organization ?? caller.scope.organizationId;
      const organization = readOrganizationReference(tree, caller.scope, reference, faults);
      const blank = blankProfile(id, tx.nowMs);
      const place = organization ? { organizationId: organization.id, nameSpaceId: organization.nameSpaceId } : {};
      const profile = { ...applyFields({ ...blank, ...place }, fields), version: 1 };
      if (organization) await checkShortName(tx.aaaProfiles, profile, faults);
      addListFaults(faults, found, blank, profile);
      addMaskFaults(faults, profile);
      faults.throwIfAny();
      await tx.aaaProfiles.insert(profile);
      recordChange(tx, operation, null, profile, isSecret);
      return profile;
    });
  },

  async change(caller: Caller, operation: string, id: number, body: AaaProfileFields, precondition: Precondition): Promise<AaaProfile> {
    const given = namedFields(body, nameAttribute);
    const judged = hasMask(given) ? undefined : judgeLists(judgeAttributes, given);
    const tree = await directory.current();
    return work.run(caller, async (tx) => {
      const before = (await tx.aaaProfiles.lock(id)) ?? notFound();
      // What a mask stands for is known under the lock alone.
      const fields = withoutMasks(given, before, isSecret);
      const found = judged ?? judgeLists(judgeAttributes, fields);
      const faults = new Faults();
      if (fields.organization !== undefined) {
        const organization = readOrganizationReference(tree, caller.scope, fields.organization, faults);
        if (organization && organization.id !== before.organizationId) {
          faults.add("organization", "The organization of an AAA profile is fixed when it is made.");
        }
      }
      const settled = applyFields(before, fields);
      addListFaults(faults, found, before, settled);
      addMaskFaults(faults, settled);
      const isRenamed = settled.shortName !== before.shortName;
      if (isRenamed) await checkShortName(tx.aaaProfiles, settled, faults);
      faults.throwIfAny();
      requireVersion(precondition, String(id), before.version);
      if (isRenamed) await requireUnused(tx.aaaProfiles, before, "Its short name cannot change.");
      if (contentOf(before) === contentOf(settled)) return before;
      const profile = { ...settled, version: before.version + 1, lastChangeMs: tx.nowMs };
      await tx.aaaProfiles.update(profile);
      recordChange(tx, operation, before, profile, isSecret);
      return profile;
    });
  },

  async remove(caller: Caller, operation: string, id: number, precondition: Precondition): Promise<void> {
    await work.run(caller, async (tx) => {
      const profile = (await tx.aaaProfiles.lock(id)) ?? notFound();
      requireVersion(precondition, String(id), profile.version);
      await requireUnused(tx.aaaProfiles, profile, "It cannot be deleted.");
      await tx.aaaProfiles.delete(profile);
      recordChange(tx, operation, profile, null, isSecret);
    });
  },
});

const applyFields = (before: AaaProfile, fields: AaaProfileFields): AaaProfile => {
  const shortName = fields.shortName ?? before.shortName;
  return {
    ...before,
    shortName,
    name: fields.name ?? (before.name === "" ? shortName : before.name),
    description: fields.description === undefined ? before.description : fields.description,
    check: (fields.check ?? before.check).map(plainAttribute),
    reply: (fields.reply ?? before.reply).map(plainAttribute),
  };
};

const checkShortName = async (store: AaaProfileStore, profile: AaaProfile, faults: Faults): Promise<void> => {
  const holder = await store.shortNameHolder(profile.nameSpaceId, profile.organizationId, profile.shortName);
  if (holder !== undefined && holder !== profile.id) faults.add("short_name", "This short name is taken in the organization.");
};

const requireUnused = async (store: AaaProfileStore, profile: AaaProfile, consequence: string): Promise<void> => {
  const { count, countIsBound } = await store.countUsers(profile);
  if (count === 0) return;
  const users = countIsBound ? `more than ${count} users have` : count === 1 ? "1 user has" : `${count} users have`;
  throw new DomainError("aaa_profile.in_use", `${users} the AAA profile ${profile.shortName}. ${consequence}`);
};

const notFound = (): never => {
  throw new DomainError("aaa_profile.not_found", "There is no such AAA profile.");
};

const recordChange = (
  tx: Transaction<unknown>,
  operation: string,
  before: AaaProfile | null,
  after: AaaProfile | null,
  isSecret: SecretCheck,
): void => {
  const profile = (after ?? before)!;
  tx.record({
    operation,
    resource: "aaa_profile",
    resourceId: profile.id,
    nameSpaceId: profile.nameSpaceId,
    organizationId: profile.organizationId,
    before: before && imageOfProfile(before, isSecret),
    after: after && imageOfProfile(after, isSecret),
  });
};
