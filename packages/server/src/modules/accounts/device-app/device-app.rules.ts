import { formats } from "@gatehouse-aaa/contract";
import { DomainError, Faults, invalidFields } from "../../../kernel/errors.ts";
import type { IdentifierKind } from "../devices/index.ts";

/** What an app's request says, in whichever form it came. What was null or left out is absent. */
export interface AppUpdate {
  readonly identifiers: Partial<Record<IdentifierKind, string>>;
  readonly userId?: number | string;
  readonly username?: string;
  /** Null removes the external id and identifies nobody. */
  readonly externalId?: string | null;
  readonly password?: string;
  readonly klass?: string;
  readonly profile: { readonly first_name?: string; readonly last_name?: string; readonly email?: string };
  readonly preferences?: Record<string, unknown>;
  readonly version?: number;
  /** Where the fields were, when a single key is all that was sent: it identifies a user and changes nothing. */
  readonly onlyKeyIn?: "body" | "data";
  /** Whether the answer has the older form. */
  readonly isOlderForm: boolean;
  /** The dotted keys in the order in which they were sent, without `user_id` and `version`. */
  readonly sentFields: readonly string[];
}

interface Rule {
  readonly test: (value: string) => boolean;
  readonly sentence: string;
}

const digits = (min: number, max: number): Rule => ({
  test: (value) => new RegExp(`^\\d{${min},${max}}$`).test(value),
  sentence: min === max ? `Must be ${min} digits.` : `Must be ${min} to ${max} digits.`,
});
const length = (min: number, max: number): Rule => ({
  test: (value) => value.length >= min && [...value].length <= max,
  sentence: min === 0 ? `May have at most ${max} characters.` : `Must have ${min} to ${max} characters.`,
});

/** No check-digit test for an IMEI: the document's own example fails it. */
const identifierRules: Record<IdentifierKind, Rule> = {
  number: { test: (value) => /^\+[1-9]\d{6,14}$/.test(value), sentence: "Must be a telephone number in E.164, such as +1234567890." },
  generic_id: length(1, 255),
  imei: digits(15, 16),
  imsi: digits(14, 15),
  iccid: digits(18, 22),
};

/** Checks values of the right type that are not valid still: one 422 names all of them. */
export const checkAppUpdate = (update: AppUpdate): void => {
  const faults = new Faults("request.unprocessable");
  const check = (field: string, value: string | undefined, ...rules: Rule[]) => {
    if (value === undefined) return;
    for (const rule of rules) if (!rule.test(value)) faults.add(field, rule.sentence);
  };
  for (const [kind, value] of Object.entries(update.identifiers)) check(kind, value, identifierRules[kind as IdentifierKind]);
  check("user_id", update.userId === undefined ? undefined : String(update.userId), formats.digits);
  check("username", update.username, length(1, 150), formats.username);
  check("password", update.password, length(1, 255));
  check("user_external_id", update.externalId ?? undefined, length(1, 255));
  check("user_class", update.klass, length(0, 255));
  check("profile.first_name", update.profile.first_name, length(0, 255));
  check("profile.last_name", update.profile.last_name, length(0, 255));
  check("profile.email", update.profile.email, length(0, 255), formats.email);
  faults.throwIfAny();
};

/** Fields of accounts under their names in this operation. */
const fieldNames: Readonly<Record<string, string>> = { external_id: "user_external_id", klass: "user_class", email: "profile.email" };

/** Runs rules that answer 400 elsewhere. Here the values are well formed already, so the same refusal is 422. */
export const asUnprocessable = async <T>(rules: () => Promise<T>): Promise<T> => {
  try {
    return await rules();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "request.invalid" || !error.fields) throw error;
    const renamed = Object.entries(error.fields).map(([name, sentences]) => [fieldNames[name] ?? name, sentences] as const);
    throw invalidFields(Object.fromEntries(renamed), "request.unprocessable");
  }
};
