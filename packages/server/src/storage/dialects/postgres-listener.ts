import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Listener, ListenerEvents } from "../database.ts";

/** Channels are a database's, and each of its schemas may be another Gatehouse's. */
export const channelOfSchema = "'gatehouse_signals_' || current_schema()::regnamespace::oid";

/** How often a listener asks itself whether it still hears, and how long an answer may take. */
const heartbeatMs = 15_000;
const heartbeatPatienceMs = 5_000;
/** The pauses before connecting again: the first, and the longest. */
const pauseMs = { first: 100, longest: 5_000 } as const;

/**
 * Listens on a connection of its own and connects again when that is lost. Now and then it has a message sent to it by
 * `notify`, over another connection: a dead connection looks like a quiet one, and a pooler between can take the
 * subscription and deliver nothing but what the same connection has sent.
 */
export const listenToPostgres = (url: string, events: ListenerEvents, notify: (payload: string) => Promise<unknown>): Listener => {
  const ownName = `heartbeat ${randomUUID()}`;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pause: number = pauseMs.first;
  let isLive = false;
  let isClosed = false;
  let wasTold = false;

  const trouble = (error?: unknown) => {
    isLive = false;
    if (wasTold || isClosed) return;
    wasTold = true;
    events.onTrouble("signals of other processes do not arrive; what they change takes effect here within a second", error);
  };
  const live = () => {
    isLive = true;
    wasTold = false;
    pause = pauseMs.first;
    clearTimeout(timer);
    timer = setTimeout(beat, heartbeatMs);
    timer.unref();
  };
  const lose = (error?: unknown) => {
    const lost = client;
    if (!lost) return;
    client = undefined;
    trouble(error);
    clearTimeout(timer);
    lost.end().catch(() => {});
    if (isClosed) return;
    timer = setTimeout(() => void connect(), pause);
    timer.unref();
    pause = Math.min(pause * 2, pauseMs.longest);
  };
  const beat = () => {
    if (!client) return;
    notify(ownName).catch(lose);
    timer = setTimeout(() => lose(new Error("a message to itself did not come back")), heartbeatPatienceMs);
    timer.unref();
  };

  const connect = async () => {
    const next = new pg.Client({
      connectionString: url,
      application_name: "gatehouse signals",
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    client = next;
    next.on("error", lose);
    next.on("end", () => {
      if (client === next) lose();
    });
    next.on("notification", ({ payload = "" }) => {
      if (payload === ownName) live();
      else if (!payload.startsWith("heartbeat ")) events.receive(payload);
    });
    try {
      await next.connect();
      const { rows } = await next.query<{ channel: string }>(`select ${channelOfSchema} as channel`);
      await next.query(`listen ${rows[0]!.channel}`);
      // What was announced while nobody listened is lost.
      events.missed();
      beat();
    } catch (error) {
      if (client === next) lose(error);
    }
  };
  void connect();

  return {
    isLive: () => isLive,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      const last = client;
      client = undefined;
      await last?.end().catch(() => {});
    },
  };
};
