import { randomBytes } from "node:crypto";
import { packetCode } from "../../packages/server/src/radius/protocol/packet/packet-code.ts";
import { sharedSecretOf } from "../../packages/server/src/radius/protocol/packet/shared-secret.ts";
import { fireVolley } from "../radius/volley.ts";
import { type FloodPackets, floodPackets, laneOf } from "./flood-packets.ts";
import { askApi, dearHash, type NeighbourWorld } from "./neighbour-world.ts";

/** What a flood is given. */
export interface Pouring {
  readonly world: NeighbourWorld;
  readonly seconds: number;
  readonly isOver: AbortSignal;
  /** Something was answered, with a status or as an event of UDP. */
  count(outcome: string, times?: number): void;
}

/** One way in which a tenant is a nuisance. */
export interface Flood {
  readonly id: string;
  readonly title: string;
  /** What must be there once before. */
  prepare?(world: NeighbourWorld): Promise<void>;
  /** Makes what is sent, then returns how to send it until it is over. */
  ready(pouring: Pouring): () => Promise<unknown>;
}

/** So many loops that ask the API one thing after another. */
const loops =
  (count: number, ask: (pouring: Pouring, loop: number, time: number) => Parameters<typeof askApi>) =>
  (pouring: Pouring): (() => Promise<unknown>) =>
  () =>
    Promise.all(
      Array.from({ length: count }, async (_, loop) => {
        for (let time = 0; !pouring.isOver.aborted; time += 1) {
          const [world, token, path, asked] = ask(pouring, loop, time);
          await askApi(world, token, path, { ...asked, signal: pouring.isOver }).then(
            ({ status }) => pouring.count(String(status)),
            () => pouring.count("no answer"),
          );
        }
      }),
    );

/** The session ids and the place that the flood's equipment has come to: what it reports is new each time. */
const run = randomBytes(4).toString("hex");
const places = new Map<FloodPackets, number>();
let startedMs: number | undefined;

const fire = async (kind: FloodPackets, packets: readonly Buffer[], { world, seconds, count }: Omit<Pouring, "isOver">, window: number) => {
  const { nas: address, secret } = world.flood;
  const isLogin = kind === "nobody" || kind === "dear";
  const { requests, lost, faults } = await fireVolley({
    decks: [{ packets, address, secret: sharedSecretOf(Buffer.from(secret)) }],
    port: isLogin ? world.ports.authentication : world.ports.accounting,
    window,
    ...(kind === "prelude" ? {} : { seconds }),
    isRepeated: kind === "dear",
    answerCode: isLogin ? packetCode.accessReject : packetCode.accountingResponse,
    isVerified: false,
  });
  count("answered", requests);
  count("lost", lost);
  for (const [fault, times] of Object.entries(faults)) count(fault, times);
};

const byRadius =
  (kind: FloodPackets, window = 128) =>
  (pouring: Pouring): (() => Promise<unknown>) => {
    const { nas, secret } = pouring.world.flood;
    const begun = kind === "interims" ? Math.floor((performance.now() - startedMs!) / 1_000) : (places.get(kind) ?? 0);
    const packets = floodPackets(kind, laneOf(nas, secret, run), pouring.seconds, begun);
    places.set(kind, begun + packets.length);
    return () => fire(kind, packets, pouring, window);
  };

/** Sessions of the flood's accounts, so that there is something to go on, to be told and to be ended. */
const startSessions = async (world: NeighbourWorld): Promise<void> => {
  if (startedMs !== undefined) return;
  startedMs = performance.now();
  const { nas, secret } = world.flood;
  await fire("prelude", floodPackets("prelude", laneOf(nas, secret, run), 1), { world, seconds: 1, count: () => {} }, 64);
};

let sessions: number[] = [];
const findSessions = async (world: NeighbourWorld): Promise<void> => {
  await startSessions(world);
  sessions = [];
  for (let offset = 0; offset < 500; offset += 100) {
    const path = `/aaa_accounting/?session_status=active&limit=100&offset=${offset}`;
    sessions.push(...(await askApi(world, world.flood.token, path)).body.results.map((row: { radacctid: number }) => row.radacctid));
  }
};

const freshRows = (count: number, fields: (row: number) => object) => {
  const begin = randomBytes(6).toString("hex");
  return Array.from({ length: count }, (_, row) => ({ username: `${begin}.${row}`, ...fields(row) }));
};

const post = (body: unknown) => ({ method: "POST", body });
/** A body of nearly 8 MB that is refused once it is read. */
let bigBody: string | undefined;
const big = () => (bigBody ??= JSON.stringify(freshRows(1_000, () => ({ description: "x".repeat(7_400), nonsense: true }))));

/** Every flood, in the order of the table. */
export const floods: readonly Flood[] = [
  {
    id: "arrays",
    title: "4 arrays of 1,000 accounts with clear passwords",
    ready: loops(4, ({ world }) => [
      world,
      world.flood.token,
      "/user_token/",
      post(freshRows(1_000, (row) => ({ password: `password ${row}` }))),
    ]),
  },
  { id: "radius-wrong", title: "wrong passwords by RADIUS, 128 at once", ready: byRadius("nobody") },
  {
    id: "api-wrong",
    title: "wrong passwords by the app's login, 64 at once",
    ready: loops(64, ({ world }, loop, time) => [
      world,
      world.flood.token,
      "/device_app_user_authenticate/",
      post({ username: `nobody.${loop}.${time}`, password: "wrong" }),
    ]),
  },
  {
    id: "dear",
    title: "logins and imports of the dearest hashes, 64 at once",
    ready: (pouring) => {
      const packets = byRadius("dear", 60)(pouring);
      const imports = loops(4, ({ world }) => [
        world,
        world.flood.token,
        "/user_token/",
        post(freshRows(100, (row) => ({ password: dearHash(row) }))),
      ])(pouring);
      return () => Promise.all([packets(), imports()]);
    },
  },
  { id: "starts", title: "accounting Starts and Stops, 128 at once", ready: byRadius("starts") },
  { id: "interims", title: "accounting Interim-Updates, 128 at once", prepare: startSessions, ready: byRadius("interims") },
  {
    id: "top-ups",
    title: "top-ups of 20 accounts, 64 at once",
    ready: loops(64, ({ world }, loop) => [
      world,
      world.flood.token,
      `/user_token/${world.flood.accounts[loop % 20]}/top_up/`,
      post({ seconds: 1 }),
    ]),
  },
  {
    id: "reads",
    title: "searches and pages at the end of 20,000 accounts, 32 at once",
    ready: loops(32, ({ world }, loop, time) => [
      world,
      world.flood.token,
      loop % 2 === 0 ? `/user_token/?limit=100&offset=${19_000 + (time % 900)}` : `/user/?limit=100&username=er.${time % 100}`,
    ]),
  },
  {
    id: "bodies",
    title: "bodies of 7.5 MB that are refused, 8 at once",
    ready: loops(8, ({ world }) => [world, world.flood.token, "/user_token/", post(big())]),
  },
  {
    id: "orders",
    title: "disconnects of 500 sessions at equipment that is silent, 16 at once",
    prepare: findSessions,
    ready: loops(16, ({ world }, loop, time) => [
      world,
      world.flood.token,
      `/aaa_accounting/${sessions[(loop + time * 16) % sessions.length]}/disconnect/`,
      post({}),
    ]),
  },
];

export const floodOf = (id: string): Flood => {
  const found = floods.find((one) => one.id === id);
  if (!found) throw new Error(`There is no flood ${id}. The floods are: ${floods.map((one) => one.id).join(", ")}.`);
  return found;
};
