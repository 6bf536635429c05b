import type { Image } from "../kernel/change.ts";
import type { StoreFactories } from "../kernel/unit-of-work.ts";
import type { Counting } from "../modules/foundation/kept-counts/index.ts";
import type { Module, StoreTools } from "../modules/manifest.ts";
import type { Handle } from "../storage/database.ts";
import type { Stores } from "./modules.ts";

/** What modules declare, all of them together. */
export type Declarations = ReturnType<typeof declarationsOf>;

/** Merges what modules declare; `test/house/modules.test.ts` sees to it that no name is declared twice. */
export const declarationsOf = (modules: readonly Module[]) => ({
  /** How each store is made. */
  storesOver: (tools: StoreTools) =>
    Object.fromEntries(
      modules.flatMap(({ stores = {} }) => Object.entries(stores).map(([name, maker]) => [name, maker(tools)])),
    ) as unknown as StoreFactories<Handle, Stores>,
  /** The refusal of each unique constraint. */
  refusals: merged(modules.map(({ refusals }) => refusals)),
  /** What each resource's records are counted as, and what moves with accounts. */
  counting: {
    countedAs: merged<(image: Image) => string>(modules.map(({ counts }) => counts)),
    moved: modules.flatMap(({ countMoved }) => countMoved ?? []) as unknown as Counting<Stores>["moved"],
  },
  /** The resources that processes tell each other about. */
  signals: modules.flatMap(({ signals = [] }): readonly string[] => signals),
  deletionBlockers: modules.flatMap((module) => module.deletionBlockers ?? []),
  moveBlockers: modules.flatMap((module) => module.moveBlockers ?? []),
});

function merged<Value>(parts: readonly (Readonly<Record<string, Value>> | undefined)[]): Readonly<Record<string, Value>> {
  return Object.assign({}, ...parts) as Record<string, Value>;
}
