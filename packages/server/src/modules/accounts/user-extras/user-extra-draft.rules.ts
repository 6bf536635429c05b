import { DomainError, Faults } from "../../../kernel/errors.ts";
import { jsonBytes, maxJsonBytes } from "../../../kernel/json-size.ts";
import type { WantedDevice } from "../devices/index.ts";
import { maskPii, type Particulars, sealedFields } from "./user-extra.ts";

type JsonObject = Record<string, unknown>;
type Merge = (present: Readonly<JsonObject>) => JsonObject;

/** The fields of an extra record that a request sets. What is undefined stays as it is. */
export interface UserExtraFields {
  readonly parent?: number | undefined;
  /** The parent's organization as the request names it: an id, as integer or digits. */
  readonly organizationId?: number | string | undefined;
  readonly values: { readonly [K in Exclude<keyof Particulars, "preferences" | "custom_fields">]?: Particulars[K] | undefined };
  /** Each makes the new object from the present one. */
  readonly preferences?: Merge | undefined;
  readonly customFields?: Merge | undefined;
  /** Exactly the inventory devices that the parent is to have. */
  readonly devices?: readonly WantedDevice[] | undefined;
}

/** A record to create or change. The prefix of its fields in refusals is the row's index and a dot, or nothing. */
export interface UserExtraDraft {
  readonly prefix: string;
  readonly fields: UserExtraFields;
}

/** Checks what needs no database: the size of objects, and that no device is named twice. Throws naming every fault. */
export const checkDrafts = (drafts: readonly UserExtraDraft[]): void => {
  const faults = new Faults();
  const assigned = new Set<string>();
  for (const { prefix, fields } of drafts) {
    checkSizes(faults, prefix, fields, { preferences: {}, custom_fields: {} });
    for (const [index, { identifier }] of (fields.devices ?? []).entries()) {
      if (assigned.has(identifier)) {
        faults.add(`${prefix}device_info.assigned_devices.${index}.device_id`, "This device stands twice in the request.");
      }
      assigned.add(identifier);
    }
  }
  faults.throwIfAny();
};

type Objects = Pick<Particulars, "preferences" | "custom_fields">;

const checkSizes = (faults: Faults, prefix: string, fields: UserExtraFields, present: Objects): void => {
  const merged = { preferences: fields.preferences?.(present.preferences), custom_fields: fields.customFields?.(present.custom_fields) };
  for (const [name, value] of Object.entries(merged)) {
    if (value && jsonBytes(value) > maxJsonBytes) faults.add(`${prefix}${name}`, `May have at most ${maxJsonBytes} bytes.`);
  }
};

/**
 * Applies a draft to a record and checks what the record decides. A caller who may not see tax and passport numbers may only send them
 * back as they were shown; anything else throws user_extra.pii_forbidden.
 */
export const applyDraft = (before: Particulars, { prefix, fields }: UserExtraDraft, options: { seesPii: boolean; faults: Faults }) => {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields.values)) if (value !== undefined) values[name] = value;
  for (const name of sealedFields) {
    if (options.seesPii || values[name] === undefined) continue;
    if (values[name] !== maskPii(before[name])) {
      throw new DomainError(
        "user_extra.pii_forbidden",
        `${prefix}${name}: only a token with the scope pii:read may set, change or remove it. Send it back as it was shown.`,
      );
    }
    delete values[name];
  }
  checkSizes(options.faults, prefix, fields, before);
  return {
    ...before,
    ...values,
    preferences: fields.preferences?.(before.preferences) ?? before.preferences,
    custom_fields: fields.customFields?.(before.custom_fields) ?? before.custom_fields,
  } as Particulars;
};

/** The organization that a request names must be the parent's own. */
export const checkOrganization = (faults: Faults, { prefix, fields }: UserExtraDraft, organizationId: number): void => {
  if (fields.organizationId !== undefined && Number(fields.organizationId) !== organizationId) {
    faults.add(`${prefix}organization_id`, `Must be the organization of the parent: ${JSON.stringify(String(organizationId))}.`);
  }
};
