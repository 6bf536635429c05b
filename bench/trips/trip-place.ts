import { pino } from "pino";
import type { App } from "../../packages/server/src/composition/app.ts";
import { readConfig } from "../../packages/server/src/config/settings.ts";
import { ensureFirstToken, ensureRootOrganization } from "../../packages/server/src/startup/first-start.ts";
import { openInstallation } from "../../packages/server/src/startup/installation.ts";
import { openConnection } from "../../packages/server/test/support/connection.ts";
import { openEquipment } from "../../packages/server/test/support/equipment.ts";
import { eventually } from "../../packages/server/test/support/eventually.ts";
import { openFakeNas } from "../../packages/server/test/support/fake-nas.ts";
import { benchToken, sharedEnvironment } from "../data-cache.ts";

const secret = "testing123";
const device = "AA-BB-CC-DD-EE-01";
const accounts = ["reader", "guest", "starter", "reporter", "buyer"] as const;
type Account = (typeof accounts)[number];

/** What accounting packets say beside the account. */
interface Report {
  readonly id: string;
  readonly seconds?: number;
  readonly ticket?: Buffer | undefined;
}

/** A Gatehouse in this process that listens, and a client and network equipment that use it over sockets. */
export interface Place {
  ask(method: string, path: string, body?: object): Promise<void>;
  account(name: Account): number;
  /** Sends an Access-Request, expects the Accept, and returns its Class. */
  login(name: Account): Promise<Buffer | undefined>;
  report(name: Account, status: "Start" | "Interim-Update", report: Report): Promise<void>;
  /** Counts the CoA-Requests up to now; `next` returns when the equipment has taken another one. */
  coaRequests(): { next(): Promise<void> };
  ticket?: Buffer | undefined;
  /** Writes what may wait. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const startApp = async (environment: Readonly<Record<string, string>>): Promise<{ app: App; address: string }> => {
  const listening = {
    GATEHOUSE_OVERLOAD_DELAY: "0",
    GATEHOUSE_RADIUS_HOST: "127.0.0.1",
    GATEHOUSE_RADIUS_AUTH_PORT: "0",
    GATEHOUSE_RADIUS_ACCT_PORT: "0",
  };
  const app = await openInstallation(readConfig({ ...sharedEnvironment, ...listening, ...environment }), pino({ level: "error" }));
  await ensureRootOrganization(app);
  await ensureFirstToken(app, benchToken);
  const address = await app.http.listen({ host: "127.0.0.1", port: 0 });
  app.start();
  return { app, address };
};

/** Starts the application and makes what the trips need: a tenant, its accounts with time, and equipment. */
export const openPlace = async (environment: Readonly<Record<string, string>>): Promise<Place> => {
  const { app, address } = await startApp(environment);
  const connection = openConnection(address, benchToken);
  const ask = async (method: string, path: string, body?: object) => {
    const reply = await connection.ask(method, path, body);
    if (reply === undefined || reply.status >= 300) throw new Error(`${method} ${path} was answered ${JSON.stringify(reply)}`);
    return reply.body;
  };
  const { id: organization } = await ask("POST", "/organization/", { slug: "cafe", name: "Café" });
  const ids = new Map<Account, number>();
  for (const username of accounts) {
    const { id } = await ask("POST", "/user_token/", { username, password: secret, organization, user_time: 1_000_000 });
    ids.set(username, id);
  }
  const nas = await openFakeNas(secret, "127.0.0.1");
  await ask("POST", "/aaa_client/", { short_name: "cafe-ap", address: "127.0.0.1", secret, coa_port: nas.port, organization });
  await eventually("RADIUS listens", () => app.radius.addresses().length === 2);
  const portOf = (name: string) => app.radius.addresses().find((one) => one.name === name)!.port;
  const equipment = await openEquipment({ authPort: portOf("authentication"), acctPort: portOf("accounting") }, secret, "127.0.0.1", nas);
  return {
    ask: async (...request) => void (await ask(...request)),
    account: (name) => ids.get(name)!,
    async login(name) {
      const { isAccepted, ticket, message } = await equipment.login(name, secret, device);
      if (!isAccepted) throw new Error(`${name} was refused: ${message}`);
      return ticket;
    },
    report: (userName, status, report) => equipment.account(status, { userName, device, ...report }),
    coaRequests() {
      const before = nas.requests.length;
      return { next: () => eventually("a CoA-Request came", () => nas.requests.length > before) };
    },
    flush: () => app.flush(),
    async close() {
      connection.close();
      await app.close();
      await equipment.close();
    },
  };
};
