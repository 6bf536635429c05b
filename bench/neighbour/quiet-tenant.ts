import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { packetCode } from "../../packages/server/src/radius/protocol/packet/packet-code.ts";
import { loginPacket, packetAt, startPacket } from "../radius/packets.ts";
import { laneOf } from "./flood-packets.ts";
import { askApi, type NeighbourWorld } from "./neighbour-world.ts";

/** What the other tenant does, and how. */
export const quietWork = {
  read: "GET of a record",
  change: "PATCH of a record",
  account: "POST of an account with a clear password",
  login: "RADIUS login, remembered",
  interim: "accounting Interim-Update",
} as const;
export type QuietWork = keyof typeof quietWork;

/** Milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
}

/** Between two of a kind: it is quiet, and leaves the machine to the flood. */
const pauseMs = 8;
/** Longer than anybody waits; counts as so long. */
const patienceMs = 10_000;

/** A tenant that does one thing of each kind after another, and measures how long each takes. */
export interface QuietTenant {
  watch(seconds: number): Promise<Record<QuietWork, Times>>;
  close(): void;
}

const openPort = async (port: number, nas: string): Promise<{ socket: Socket; ask(bytes: Buffer, code: number): Promise<void> }> => {
  const socket = createSocket("udp4");
  socket.bind(0, nas);
  await once(socket, "listening");
  const waiting = new Map<number, (code: number) => void>();
  socket.on("message", (answer) => waiting.get(answer[1]!)?.(answer[0]!));
  return {
    socket,
    ask: (bytes, wanted) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, patienceMs);
        waiting.set(bytes[1]!, (code) => {
          clearTimeout(timer);
          waiting.delete(bytes[1]!);
          if (code === wanted) resolve();
          else reject(new Error(`The quiet tenant's packet was answered with code ${code}.`));
        });
        socket.send(bytes, port, "127.0.0.1");
      }),
  };
};

export const openQuietTenant = async (world: NeighbourWorld): Promise<QuietTenant> => {
  const { quiet, ports } = world;
  const lane = laneOf(quiet.nas, quiet.secret, `quiet${Date.now().toString(36)}`);
  const authentication = await openPort(ports.authentication, quiet.nas);
  const accounting = await openPort(ports.accounting, quiet.nas);
  await accounting.ask(startPacket(lane, 0), packetCode.accountingResponse);
  const beganMs = performance.now();
  let made = 0;
  const api = async (status: number, path: string, asked?: Parameters<typeof askApi>[3]): Promise<void> => {
    const answer = await askApi(world, quiet.token, path, asked);
    if (answer.status !== status) throw new Error(`The quiet tenant was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const path = `/user_token/${quiet.account}/`;
  const work: Record<QuietWork, () => Promise<void>> = {
    read: () => api(200, path),
    change: () => api(200, path, { method: "PATCH", body: { user_time: 1_000 + made++ } }),
    account: () => api(201, "/user_token/", { method: "POST", body: { username: `quiet.${made++}`, password: "secret" } }),
    login: () => authentication.ask(loginPacket(lane, made++ % 256, "plain", 0), packetCode.accessAccept),
    interim: () => {
      const seconds = Math.floor((performance.now() - beganMs) / 1_000);
      const bytes = Buffer.from(packetAt(lane, { id: "Interim", accounts: "timed" }, 0, seconds));
      return accounting.ask(bytes, packetCode.accountingResponse);
    },
  };
  const loop = async (one: () => Promise<void>, seconds: number, histogram: RecordableHistogram): Promise<void> => {
    const endMs = performance.now() + seconds * 1_000;
    while (performance.now() < endMs) {
      const askedMs = performance.now();
      await one();
      histogram.record(Math.max(1, Math.round((performance.now() - askedMs) * 1_000)));
      await pause(pauseMs);
    }
  };
  return {
    async watch(seconds) {
      const kinds = Object.keys(work) as QuietWork[];
      const measured = await Promise.all(
        kinds.map(async (kind) => {
          const histogram = createHistogram();
          await loop(work[kind], seconds, histogram);
          const at = (part: number) => histogram.percentile(part) / 1_000;
          return [kind, { p50: at(50), p99: at(99), requests: histogram.count }] as const;
        }),
      );
      return Object.fromEntries(measured) as Record<QuietWork, Times>;
    },
    close() {
      authentication.socket.close();
      accounting.socket.close();
    },
  };
};
