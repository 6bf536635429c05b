import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { eventually } from "../support/eventually.ts";
import { type Served, serveProgram } from "../support/program.ts";
import { type DatabaseName, freshDatabase, fullToken } from "../support/world.ts";
import { type FreeradiusServer, startFreeradius } from "./freeradius-server.ts";
import { type RadclientReport, type RadclientRequest, runRadclient } from "./radclient.ts";

/** Not of ASCII, and full of what FreeRADIUS' configuration and its expansion could take for something else. */
export const clientSecret = "sécret %{User-Name} $" + "{prefix} 'of' the \\n café\\";

/** Longer than the second for which FreeRADIUS holds a Reject back: who heard nothing by then was not rejected. */
const silenceSeconds = 3;

export interface Json {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** A `gatehouse serve` and a FreeRADIUS in front of it, both as their users start them. */
export interface FreeradiusWorld {
  readonly freeradius: FreeradiusServer;
  readonly authPort: number;
  /** Asks the API; a full-rights token of the root organization unless another is given. */
  api(method: string, path: string, body?: unknown): Promise<Json>;
  /** Makes what a POST makes, and returns it. */
  make(path: string, body: object): Promise<Json["body"]>;
  authenticate(attributes: Attributes, how?: { readonly secret?: string; readonly isSigned?: boolean }): Promise<RadclientReport>;
  account(attributes: Attributes): Promise<RadclientReport>;
  endGatehouse(): Promise<void>;
  startGatehouse(): Promise<void>;
  close(): Promise<void>;
}

type Attributes = Readonly<Record<string, string | number>>;

/** Two ports that nobody has, below those that the system gives to whoever asks for any: Gatehouse's is free for a while when it is down. */
const choosePorts = async (): Promise<{ authPort: number; acctPort: number; httpPort: number }> => {
  const authPort = randomInt(10_000, 30_000);
  const acctPort = authPort + 1;
  const sockets = [authPort, acctPort].map((port) => createSocket("udp4").bind({ port, address: "127.0.0.1", exclusive: true }));
  const server = createServer().listen(authPort, "127.0.0.1");
  const found = await Promise.allSettled([...sockets, server].map((one) => once(one, "listening")));
  const isFree = found.every(({ status }) => status === "fulfilled");
  for (const [index, one] of [...sockets, server].entries()) if (found[index]!.status === "fulfilled") one.close();
  return isFree ? { authPort, acctPort, httpPort: authPort } : choosePorts();
};

/** Opens a world; `makeToken` makes the token that FreeRADIUS asks with, which else is one of the root organization. */
export const openFreeradiusWorld = async (
  database: DatabaseName,
  makeToken?: (api: FreeradiusWorld["api"]) => Promise<string>,
): Promise<FreeradiusWorld> => {
  const fresh = await freshDatabase(database);
  const { authPort, acctPort, httpPort } = await choosePorts();
  const environment = {
    ...fresh.environment,
    GATEHOUSE_PORT: String(httpPort),
    GATEHOUSE_RADIUS_AUTH_PORT: "off",
    GATEHOUSE_RADIUS_ACCT_PORT: "off",
  };
  let served: Served = await serveProgram(environment);
  const api: FreeradiusWorld["api"] = async (method, path, body) => {
    const response = await served.request(method, path, fullToken, body);
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const settings = {
    gatehouse_url: `"http://127.0.0.1:${httpPort}/api/v1"`,
    gatehouse_listen_ipv4: "127.0.0.1",
    gatehouse_listen_ipv6: "::1",
    gatehouse_auth_port: authPort,
    gatehouse_acct_port: acctPort,
    ...(makeToken ? { gatehouse_token: `"${await makeToken(api)}"` } : {}),
  };
  const freeradius = await startFreeradius({ environment, settings }).catch(async (error) => {
    await served.end("SIGKILL");
    await fresh.drop();
    throw error;
  });
  const send = (request: Pick<RadclientRequest, "port" | "command">, attributes: Attributes, secret = clientSecret) =>
    runRadclient({
      ...request,
      secret,
      attributes: Object.entries(attributes).map(([name, value]) => [name, String(value)]),
      patienceSeconds: silenceSeconds,
    });
  return {
    freeradius,
    authPort,
    api,
    async make(path, body) {
      const answer = await api("POST", path, body);
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      return answer.body;
    },
    authenticate: (attributes, { secret, isSigned = true } = {}) =>
      send({ port: authPort, command: "auth" }, isSigned ? { ...attributes, "Message-Authenticator": "0x00" } : attributes, secret),
    account: (attributes) => send({ port: acctPort, command: "acct" }, attributes),
    async endGatehouse() {
      await served.end("SIGTERM");
    },
    async startGatehouse() {
      served = await serveProgram(environment);
    },
    async close() {
      await freeradius.stop();
      await served.end("SIGKILL");
      await fresh.drop();
    },
  };
};

/** Makes an AAA client for an address of this machine, and waits until FreeRADIUS has found it. */
export const serveClient = async (world: FreeradiusWorld, fields: object, source: string): Promise<number> => {
  const { id } = await world.make("/aaa_client/", { address: source, secret: clientSecret, ...fields });
  const ask = { "Packet-Src-IP-Address": source, "User-Name": "nobody", "User-Password": "nothing" };
  await eventually(`FreeRADIUS serves ${source}`, async () => (await world.authenticate(ask)).code !== undefined);
  return id;
};
