import { promises } from "node:dns";

/** DNS as it is asked for the addresses of names. */
export interface DnsLookup {
  resolve(name: string, family: 4 | 6): Promise<readonly string[]>;
  close(): void;
}

/** How long one server is waited for, and how often it is asked. */
const patience = { timeout: 1_500, tries: 2 } as const;

/**
 * Asks the name servers of the machine, or those given. Names are taken as they are: no search domains, no hosts file. That
 * a name has no record of a kind is an answer; that there is no such name, or nobody answers, an error.
 */
export const createDnsLookup = (servers?: readonly string[]): DnsLookup => {
  const resolver = new promises.Resolver(patience);
  if (servers) resolver.setServers(servers);
  return {
    async resolve(name, family) {
      try {
        return await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENODATA") return [];
        throw error;
      }
    },
    close: () => resolver.cancel(),
  };
};
