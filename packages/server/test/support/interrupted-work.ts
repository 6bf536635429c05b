import type { Work } from "../../src/kernel/unit-of-work.ts";

type Read = (...parameters: unknown[]) => unknown;

/**
 * The same work, with something happening right after each read of these, as `store.method`: what another process commits
 * between two statements, or a failure of the database.
 */
export const interrupted = <Stores extends object>(
  work: Work<Stores>,
  reads: readonly string[],
  meanwhile: (read: string) => Promise<void>,
): Work<Stores> => {
  const over = <S extends object>(stores: S): S =>
    new Proxy(stores, {
      get(target, storeName) {
        const store = Reflect.get(target, storeName) as object;
        if (!reads.some((read) => read.startsWith(`${String(storeName)}.`))) return store;
        return new Proxy(store, {
          get(own, method) {
            const read = Reflect.get(own, method) as Read;
            const name = `${String(storeName)}.${String(method)}`;
            if (!reads.includes(name)) return read;
            return async (...parameters: unknown[]) => {
              const rows = await read.apply(own, parameters);
              await meanwhile(name);
              return rows;
            };
          },
        });
      },
    });
  return {
    for: (scope) => over(work.for(scope)),
    acrossTenants: (reason) => over(work.acrossTenants(reason)),
    run: (caller, unit) => work.run(caller, (tx) => unit(over(tx))),
  };
};
