import type { Image } from "../kernel/change.ts";
import type { DomainError } from "../kernel/errors.ts";
import type { TenantScope } from "../kernel/tenant-scope.ts";
import type { Capabilities, Handle } from "../storage/database.ts";
import type { AttributeNaming, SecretCheck } from "./accounts/aaa-profiles/index.ts";
import type { CountMoved } from "./foundation/kept-counts/index.ts";
import type { SecretBox } from "./foundation/keys/index.ts";
import type { DeletionBlocker, MoveBlocker } from "./foundation/organizations/index.ts";

/** What stores are made of, beside the handle and the scope of each use. */
export interface StoreTools {
  readonly capabilities: Capabilities;
  readonly secretBox: SecretBox;
  /** Which attributes of profiles hold secrets. */
  readonly isSecretAttribute: SecretCheck;
  /** How attributes of profiles that are given by numbers are called. */
  readonly nameAttribute: AttributeNaming;
}

/** Makes a store: once of its tools, then for each handle within a scope; null is across tenants. */
export type StoreMaker<Store, Tools = StoreTools> = (tools: Tools) => (handle: Handle, scope: TenantScope | null) => Store;

/** What a module declares about itself: composition reads it, so that a new module is one more line there. */
export interface Module<Stores = never> {
  /** Its place: rank and folder. */
  readonly name: string;
  /** The records that carry integer ids, as `id_block` knows them. */
  readonly nouns?: readonly string[];
  /** Its stores, by the names under which units of work know them. */
  readonly stores?: Readonly<Record<string, StoreMaker<object>>>;
  /** The refusal that each unique constraint stands for: met only when two requests race past the checks. */
  readonly refusals?: Readonly<Record<string, () => DomainError>>;
  /** What a record is counted as in `kept_count`, by the resource of its changes. */
  readonly counts?: Readonly<Record<string, (image: Image) => string>>;
  /** Counts its records that move with an account to another organization, without changes of their own. */
  readonly countMoved?: CountMoved<Stores>;
  /** The resources whose changes every process hears of, for it remembers them. */
  readonly signals?: readonly string[];
  /** What of it keeps an organization from being deleted. */
  readonly deletionBlockers?: readonly DeletionBlocker<Stores>[];
  /** What of it keeps an organization from moving to another place in the tree. */
  readonly moveBlockers?: readonly MoveBlocker<Stores>[];
}

type Both<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void ? All : never;
type MakersOf<One> = One extends { readonly stores: infer Makers } ? Makers : never;
type MadeBy<Makers> = { [Name in keyof Makers]: Makers[Name] extends StoreMaker<infer Store, never> ? Store : never };

/** The stores that a list of modules declares. */
export type StoresOf<Modules extends readonly unknown[]> = MadeBy<Both<MakersOf<Modules[number]>>>;

/** The nouns that a list of modules declares. */
export type NounsOf<Modules extends readonly unknown[]> = Modules[number] extends infer One
  ? One extends { readonly nouns: readonly (infer Noun extends string)[] }
    ? Noun
    : never
  : never;
