import assert from "node:assert/strict";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { makeAccount, makeClient, report, sessionsIn } from "./network.ts";
import { makeTenant, type Tenant } from "./tenants.ts";
import type { World } from "./world.ts";

/** What a test reports of a session: the kind of packet, its second, and the session time that it says. */
type ReportedEvent = [status: string, second: number, seconds?: number];

/** Sessions of one client that began six hours ago; `begin` makes the client and its tenant. */
export const reportedSessions = () => {
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 6 * 3_600_000;
  const at = (second: number) => startMs + second * 1000;
  let made = 0;
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  return {
    async begin(opened: World) {
      world = opened;
      cafe = await makeTenant(world, "cafe", { own_usernames: true });
      client = await makeClient(world, cafe.id);
      return { cafe, client };
    },
    /** A second after the sessions' start, in milliseconds since 1970. */
    at,
    user: async (seconds: number | null, tenant = cafe) => {
      made += 1;
      const username = `guest-${made}`;
      return { username, id: await makeAccount(world, { username, organization: tenant.id, user_time: seconds }) };
    },
    newId: () => {
      made += 1;
      return `session-${made}`;
    },
    /** Reports events of a session at seconds from its start, each with its session time. */
    tell: async (id: string, userName: string, ...events: ReportedEvent[]) => {
      for (const [status, second, seconds] of events) {
        await report(world, client, status, { id, userName, eventMs: at(second), ...(seconds === undefined ? {} : { seconds }) });
      }
    },
    /** The one session of the client that has this id. */
    oneOf: async (id: string) => {
      const found = (await sessionsIn(world, `client=${client.id}`)).filter((row) => row.session_id === id);
      assert.equal(found.length, 1, JSON.stringify(found));
      return found[0];
    },
  };
};
