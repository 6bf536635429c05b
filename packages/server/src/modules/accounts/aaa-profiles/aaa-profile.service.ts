import type { Caller } from "../../../kernel/caller.ts";
import { type Image, recordChange } from "../../../kernel/change.ts";
import { DomainError, Faults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { type Precondition, requireVersion } from "../../../kernel/precondition.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { type OrganizationDirectory, readOrganizationReference } from "../../foundation/organizations/index.ts";
import { imageOfProfile } from "./aaa-profile.image.ts";
import type { AaaProfileStore } from "./aaa-profile.store.ts";
import { type AaaProfile, type AaaProfileFields, blankProfile, contentOf } from "./aaa-profile.ts";
import {
  type AttributeListCheck,
  type AttributeNaming,
  addListFaults,
  checkLists,
  namedFields,
  plainAttribute,
} from "./attribute-lists.ts";
import { addMaskFaults, hasMask, type SecretCheck, withoutMasks } from "./secret-attributes.ts";

export interface AaaProfileServiceDependencies<Stores extends { readonly aaaProfiles: AaaProfileStore }> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"aaa_profile">;
  readonly directory: OrganizationDirectory;
  readonly checkAttributes: AttributeListCheck;
  readonly isSecret: SecretCheck;
  readonly nameAttribute: AttributeNaming;
}

export type AaaProfileService = ReturnType<typeof createAaaProfileService>;

/** The rules of AAA profiles. Accounts carry them by short name, so that one in use keeps its name and is not deleted. */
export const createAaaProfileService = <Stores extends { readonly aaaProfiles: AaaProfileStore }>({
  work,
  ids,
  directory,
  checkAttributes,
  isSecret,
  nameAttribute,
}: AaaProfileServiceDependencies<Stores>) => {
  const imageOf = (profile: AaaProfile): Image => imageOfProfile(profile, isSecret);
  return {
    async get(scope: TenantScope, id: number): Promise<AaaProfile> {
      return (await work.for(scope).aaaProfiles.find(id)) ?? notFound();
    },

    async create(caller: Caller, operation: string, given: AaaProfileFields): Promise<AaaProfile> {
      const fields = namedFields(given, nameAttribute);
      const listFaults = checkLists(checkAttributes, fields);
      const id = await ids.take("aaa_profile");
      const tree = await directory.current();
      return work.run(caller, async (tx) => {
        const faults = new Faults();
        const reference = fields.organization ?? caller.scope.organizationId;
        const organization = readOrganizationReference(tree, caller.scope, reference, faults);
        const blank = blankProfile(id, tx.nowMs);
        const place = organization ? { organizationId: organization.id, namespaceId: organization.namespaceId } : {};
        const profile = { ...applyFields({ ...blank, ...place }, fields), version: 1 };
        if (organization) await checkShortName(tx.aaaProfiles, profile, faults);
        addListFaults(faults, listFaults, blank, profile);
        addMaskFaults(faults, profile);
        faults.throwIfAny();
        await tx.aaaProfiles.insert(profile);
        recordChange(tx, { operation, resource: "aaa_profile", record: profile, before: null, after: imageOf(profile) });
        return profile;
      });
    },

    async change(caller: Caller, operation: string, id: number, body: AaaProfileFields, precondition: Precondition): Promise<AaaProfile> {
      const given = namedFields(body, nameAttribute);
      const givenFaults = hasMask(given) ? undefined : checkLists(checkAttributes, given);
      const tree = await directory.current();
      return work.run(caller, async (tx) => {
        const before = (await tx.aaaProfiles.lock(id)) ?? notFound();
        // Only under the lock is it known which secret a mask means.
        const fields = withoutMasks(given, before, isSecret);
        const listFaults = givenFaults ?? checkLists(checkAttributes, fields);
        const faults = new Faults();
        if (fields.organization !== undefined) {
          const organization = readOrganizationReference(tree, caller.scope, fields.organization, faults);
          if (organization && organization.id !== before.organizationId) {
            faults.add("organization", "The organization of an AAA profile is fixed when it is made.");
          }
        }
        const wanted = applyFields(before, fields);
        addListFaults(faults, listFaults, before, wanted);
        addMaskFaults(faults, wanted);
        const isRenamed = wanted.shortName !== before.shortName;
        if (isRenamed) await checkShortName(tx.aaaProfiles, wanted, faults);
        faults.throwIfAny();
        requireVersion(precondition, String(id), before.version);
        if (isRenamed) await requireUnused(tx.aaaProfiles, before, "Its short name cannot change.");
        if (contentOf(before) === contentOf(wanted)) return before;
        const profile = { ...wanted, version: before.version + 1, lastChangeMs: tx.nowMs };
        await tx.aaaProfiles.update(profile);
        recordChange(tx, { operation, resource: "aaa_profile", record: profile, before: imageOf(before), after: imageOf(profile) });
        return profile;
      });
    },

    async remove(caller: Caller, operation: string, id: number, precondition: Precondition): Promise<void> {
      await work.run(caller, async (tx) => {
        const profile = (await tx.aaaProfiles.lock(id)) ?? notFound();
        requireVersion(precondition, String(id), profile.version);
        await requireUnused(tx.aaaProfiles, profile, "It cannot be deleted.");
        await tx.aaaProfiles.delete(profile);
        recordChange(tx, { operation, resource: "aaa_profile", record: profile, before: imageOf(profile), after: null });
      });
    },
  };
};

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
  const holder = await store.shortNameHolder(profile.namespaceId, profile.organizationId, profile.shortName);
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
