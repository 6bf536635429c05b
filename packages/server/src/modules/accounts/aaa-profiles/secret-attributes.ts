import type { Faults } from "../../../kernel/errors.ts";
import type { SecretBox } from "../../foundation/keys/index.ts";
import type { AaaProfile, AaaProfileFields, ProfileAttribute } from "./aaa-profile.ts";

/** Whether an attribute holds a password or a key. Composition provides it, because modules must not import the dictionary. */
export type SecretCheck = (attribute: string, value: string) => boolean;

/** Shown in place of a secret. Sent back, it means the secret that is stored. */
export const mask = "********";

/** The attributes with their secrets masked. */
export const withMasks = <Item extends { readonly attribute: string; readonly value: string }>(
  items: readonly Item[],
  isSecret: SecretCheck,
): Item[] => items.map((item) => (isSecret(item.attribute, item.value) ? { ...item, value: mask } : item));

const lists = ["check", "reply"] as const;

/** Whether a body sends a mask back. */
export const hasMask = (fields: AaaProfileFields): boolean => lists.some((list) => fields[list]?.some(({ value }) => value === mask));

/** The fields with secrets in place of their masks. Several attributes of one name are matched in their order. */
export const withoutMasks = (fields: AaaProfileFields, before: AaaProfile | undefined, isSecret: SecretCheck): AaaProfileFields => {
  if (!hasMask(fields)) return fields;
  return {
    ...fields,
    check: restored(fields.check, before?.check ?? [], isSecret),
    reply: restored(fields.reply, before?.reply ?? [], isSecret),
  };
};

const restored = (given: readonly ProfileAttribute[] | undefined, before: readonly ProfileAttribute[], isSecret: SecretCheck) => {
  const secrets = Map.groupBy(
    before.filter(({ attribute, value }) => isSecret(attribute, value)),
    ({ attribute }) => attribute.toLowerCase(),
  );
  const nth = new Map<string, number>();
  return given?.map((item) => {
    const name = item.attribute.toLowerCase();
    const index = nth.get(name) ?? 0;
    const value = secrets.get(name)?.[index]?.value;
    if (item.value === mask || isSecret(item.attribute, item.value)) nth.set(name, index + 1);
    return item.value === mask && value !== undefined ? { ...item, value } : item;
  });
};

/** Refuses a mask where no secret is stored: it would become the password of a network. */
export const addMaskFaults = (faults: Faults, { check, reply }: AaaProfile): void => {
  for (const [list, items] of Object.entries({ check, reply })) {
    for (const [index, { value }] of items.entries()) {
      if (value === mask)
        faults.add(`${list}.${index}.value`, "This is the mask of a secret, and none stands here. Give the secret itself.");
    }
  }
};

interface SealedAttribute extends Omit<ProfileAttribute, "value"> {
  /** In place of the value. */
  readonly sealed: string;
}

/** An attribute as the database keeps it. */
export type StoredAttribute = ProfileAttribute | SealedAttribute;

/** Seals secrets under the secret key, bound to the profile that they stand in. */
export const sealSecrets = (
  items: readonly ProfileAttribute[],
  place: string,
  box: SecretBox,
  isSecret: SecretCheck,
): readonly StoredAttribute[] =>
  items.map((item) => {
    const { attribute, op, value } = item;
    return isSecret(attribute, value) ? { attribute, op, sealed: box.seal(value, place) } : item;
  });

/** Opens what `sealSecrets` sealed. Secrets that were stored before sealing existed are read as they are. */
export const openSecrets = (items: readonly StoredAttribute[], place: string, box: SecretBox): ProfileAttribute[] =>
  items.map((item) => ("sealed" in item ? { attribute: item.attribute, op: item.op, value: box.open(item.sealed, place) } : item));
