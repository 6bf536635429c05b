import { hash } from "node:crypto";
import { benchToken } from "../data-cache.ts";
import { benchPassword, usernameOf } from "../radius/plan.ts";

/** A tenant of the bench. */
export interface BenchTenant {
  readonly id: number;
  readonly token: string;
  /** From where its network equipment sends. */
  readonly nas: string;
  readonly secret: string;
}

/** What both sides of the measurement know of the server. */
export interface NeighbourWorld {
  /** Where it listens, as a URL without a path. */
  readonly address: string;
  readonly ports: { readonly authentication: number; readonly accounting: number };
  readonly flood: BenchTenant & {
    readonly accounts: readonly number[];
    /** Where its equipment takes orders, and says nothing. */
    readonly silentPort: number;
  };
  readonly quiet: BenchTenant & { readonly account: number };
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  readonly body: any;
}

/** Asks the API, and reads the whole answer. */
export const askApi = async (
  { address }: Pick<NeighbourWorld, "address">,
  token: string,
  path: string,
  { method = "GET", body, signal }: { method?: string; body?: unknown; signal?: AbortSignal } = {},
): Promise<Answer> => {
  const answer = await fetch(`${address}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  return { status: answer.status, body: await answer.json() };
};

/** Accounts with a balance, for the floods of accounting and top-ups. */
export const timedAccounts = 2_000;
/** Accounts with an imported hash of the dearest kind that is taken. */
export const dearAccounts = 2_000;
/** So many has the flooding tenant, for what is read of it. */
export const floodAccounts = 20_000;
const rowsOfArray = 1_000;

const made = async (answering: Promise<Answer>): Promise<Answer["body"]> => {
  const { status, body } = await answering;
  if (status !== 201) throw new Error(`The world of the bench could not be made: ${status} ${JSON.stringify(body)}`);
  return body;
};

/** SHA-crypt with the most rounds that are taken; of no password that anybody asks with. */
export const dearHash = (of: number): string => {
  const salt = of.toString(36).padStart(8, "s");
  return `$6$rounds=200000$${salt}$${hash("sha512", salt, "hex").slice(0, 85)}/`;
};

/** Makes both tenants with their equipment and accounts. */
export const makeWorld = async (server: Pick<NeighbourWorld, "address" | "ports">, silentPort: number): Promise<NeighbourWorld> => {
  const post = (token: string, path: string, body: unknown) => made(askApi(server, token, path, { method: "POST", body }));
  const tenant = async (slug: string, nas: string, coaPort: number | null): Promise<BenchTenant> => {
    const organization = await post(benchToken, "/organization/", { slug, name: slug, own_usernames: true });
    const { token } = await post(benchToken, "/api_token/", { name: slug, organization: organization.id, scopes: ["admin"] });
    const secret = `secret-of-the-equipment-of-${slug}`;
    await post(benchToken, "/aaa_client/", { short_name: slug, organization: organization.id, address: nas, secret, coa_port: coaPort });
    return { id: organization.id, token, nas, secret };
  };
  const flood = await tenant("flood", "127.0.0.9", silentPort);
  const quiet = await tenant("quiet", "127.0.0.8", null);
  const rows = [
    ...Array.from({ length: timedAccounts }, (_, number) => ({ username: usernameOf("timed", number), user_time: 1_000_000_000 })),
    ...Array.from({ length: dearAccounts }, (_, number) => ({ username: usernameOf("plain", number), password: dearHash(number) })),
    ...Array.from({ length: floodAccounts - timedAccounts - dearAccounts }, (_, number) => ({ username: `reader.${number}` })),
  ];
  const accounts: number[] = [];
  for (let at = 0; at < rows.length; at += rowsOfArray) {
    const answered: { id: number }[] = await post(flood.token, "/user_token/", rows.slice(at, at + rowsOfArray));
    accounts.push(...answered.map(({ id }) => id));
  }
  const account = await post(quiet.token, "/user_token/", { username: usernameOf("plain", 0), password: benchPassword });
  await post(quiet.token, "/user_token/", { username: usernameOf("timed", 0), user_time: 1_000_000_000 });
  return { ...server, flood: { ...flood, accounts, silentPort }, quiet: { ...quiet, account: account.id } };
};
