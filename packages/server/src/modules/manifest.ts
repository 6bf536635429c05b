import type { Logger } from "pino";
import type { Route } from "../http/route.ts";
import type { Job } from "../jobs/scheduler.ts";
import type { Image } from "../kernel/change.ts";
import type { Clock, Delay } from "../kernel/clock.ts";
import type { DomainError } from "../kernel/errors.ts";
import type { IdSource } from "../kernel/ids.ts";
import type { TenantScope } from "../kernel/tenant-scope.ts";
import type { ChangeHandler, Work } from "../kernel/unit-of-work.ts";
import type { Collector } from "../metrics/family.ts";
import type { Capabilities, Handle } from "../storage/database.ts";
import type { AttributeNaming, SecretCheck } from "./accounts/aaa-profiles/index.ts";
import type { AccountHooks } from "./accounts/users/index.ts";
import type { CountMoved } from "./foundation/kept-counts/index.ts";
import type { SecretBox, Signer } from "./foundation/keys/index.ts";
import type { DeletionBlocker, MoveBlocker, OrganizationHooks } from "./foundation/organizations/index.ts";
import type { AaaClient } from "./network/aaa-clients/index.ts";

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

/** What of the configuration modules follow. */
export interface ModuleSettings {
  /** For how many days decisions are kept; 0 is for ever. */
  readonly decisionDays: number;
  /** Addresses that requests to AAA clients leave from; none: those of the machine. */
  readonly radiusSourceAddresses: readonly string[];
}

/** What modules that are built later do when something of an earlier one changes. */
export interface Hooks<Stores> {
  readonly onOrganization: readonly OrganizationHooks<Stores>[];
  /** The hooks of later modules stand first: what depends on others lets go before them. */
  readonly onAccount: readonly AccountHooks<Stores>[];
  readonly afterClientDelete: readonly ((client: AaaClient) => Promise<void>)[];
  readonly afterGrantChange: readonly (() => Promise<void>)[];
}

/** What every module is built of. */
export interface House<Stores, Noun extends string = never> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<Noun>;
  readonly clock: Clock;
  /** How waits pass. */
  readonly delay: Delay;
  readonly logger: Logger;
  readonly settings: ModuleSettings;
  /** Whether units run beside each other. */
  readonly isConcurrent: boolean;
  /** Signs texts under the secret key, for one purpose. */
  signer(purpose: string): Signer;
  /** Tells a word to the other processes of the database; their modules hear it by `hears`. */
  tell(word: string): void;
  readonly deletionBlockers: readonly DeletionBlocker<Stores>[];
  readonly moveBlockers: readonly MoveBlocker<Stores>[];
  /** Complete when all modules are built: read them when something happens, and not before. */
  readonly hooks: Hooks<Stores>;
}

/** What a module measures. */
export interface ModuleFigures {
  readonly collect: Collector;
  /** Reads what the database alone knows. A process that cannot write leaves figures with this to those that can. */
  refresh?(): Promise<void>;
}

/** A module at work in a process. */
export interface Built<Stores = never> {
  /** What later modules and composition use of it, by the name of its folder in camel case. */
  readonly service?: object;
  readonly routes?: readonly Route[];
  readonly jobs?: readonly Job[];
  /** What it makes of changes, inside the units that made them and after their commits. */
  readonly changeHandler?: ChangeHandler<Stores>;
  /** What it does when an organization changes or goes. */
  readonly onOrganization?: OrganizationHooks<Stores>;
  /** What it does when an account changes or goes. */
  readonly onAccount?: AccountHooks<Stores>;
  /** What it does when an AAA client is gone. */
  readonly afterClientDelete?: (client: AaaClient) => Promise<void>;
  /** What it does when address grants have changed, before that is answered. */
  readonly afterGrantChange?: () => Promise<void>;
  /** What it forgets when a resource changes, in this process or another one; by the resources that modules declare as signals. */
  readonly forgets?: Readonly<Record<string, () => void>>;
  /** Hears the words that other processes tell. */
  readonly hears?: (word: string) => void;
  readonly figures?: ModuleFigures;
  /** Begins what runs beside requests, in each process. */
  readonly start?: () => void;
  /** Begins what only processes that write do. */
  readonly startWriting?: () => void;
  /** Ends what runs. The modules that are built later end first. */
  readonly close?: () => Promise<void>;
  /** Writes what it may write a moment later, after all have ended. */
  readonly flush?: () => Promise<void>;
}

/** What a module declares about itself: composition reads it, so that a new module is one more line there. */
export interface Module<Stores = never, Noun extends string = never> {
  /** Its place: rank and folder. */
  readonly name: string;
  /** The services that it is built of: those of modules before it, and of ports that composition fills. */
  readonly needs?: readonly string[];
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
  /** Puts it to work in a process. It starts nothing. */
  build?(house: House<Stores, Noun>, needs: never): Built<Stores>;
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

type CamelCase<Name> = Name extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : Name;
type FolderOf<Name> = Name extends `${string}/${infer Folder}` ? CamelCase<Folder> : never;
type ServiceOf<One> = One extends { readonly name: infer Name; build(...parts: never): { readonly service: infer Service } }
  ? { readonly [Folder in FolderOf<Name> & string]: Service }
  : never;

/** The services that a list of modules gives, by the names of their folders in camel case. */
export type ServicesOf<Modules extends readonly unknown[]> = Both<ServiceOf<Modules[number]>>;

type NeedsOf<One> = One extends { build(house: never, needs: infer Needs): unknown } ? Needs : unknown;
type ListOf<One> = One extends { readonly needs: readonly (infer Name)[] } ? Name : never;

/** The modules of a list that need what is not among the services, or what they do not list. */
export type UnmetOf<Modules extends readonly unknown[], Services> = Modules[number] extends infer One
  ? One extends { readonly name: infer Name }
    ? Pick<Services, ListOf<One> & keyof Services> extends NeedsOf<One>
      ? never
      : Name
    : never
  : never;

/** The name under which a module's service is needed: its folder's, in camel case. */
export const serviceName = (name: string): string =>
  name.replace(/^.*\//, "").replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
