import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { makeAccount, makeClient, sessionsIn } from "../support/network.ts";
import { openRadiusClient, type RadiusClient, readAnswer, requestBytes } from "../support/radius-client.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const secret = "s3cret of the café";
const packets = 1_500;
/** So few are under way to the server that the kernel drops none: what is lost, the server has dropped. */
const underWay = 50;
const patienceMs = 60_000;

/** Real datagrams from the equipment of two tenants, at addresses of their own. */
onEachDatabase("a tenant's equipment beside another's that floods", (open) => {
  let world: World;
  let flooding: Tenant;
  let quiet: Tenant;
  const opened: RadiusClient[] = [];
  before(async () => {
    const environment = { GATEHOUSE_RADIUS_HOST: "127.0.0.1", GATEHOUSE_RADIUS_AUTH_PORT: "0", GATEHOUSE_RADIUS_ACCT_PORT: "0" };
    world = await open({ environment });
    world.app.start();
    flooding = await makeTenant(world, "flooding", { own_usernames: true });
    quiet = await makeTenant(world, "quiet", { own_usernames: true });
    await makeClient(world, flooding.id, { address: "127.0.0.2", secret });
    await makeClient(world, quiet.id, { address: "127.0.0.3", secret });
    for (let index = 0; index < 5; index += 1) await makeAccount(world, { username: `guest-${index}`, organization: quiet.id });
    await eventually("RADIUS listens", () => world.app.radius.addresses().length === 2);
  });
  after(async () => {
    await world.close();
    for (const client of opened) await client.close();
  });

  type Side = "authentication" | "accounting";
  const connect = async (side: Side, from: string): Promise<RadiusClient> => {
    const { port } = world.app.radius.addresses().find(({ name }) => name === side)!;
    const client = await openRadiusClient(port, "127.0.0.1", from);
    opened.push(client);
    return client;
  };
  const tally = (side: Side) => world.app.radius.tallies()[side];

  /** Sends so many packets from the flooding tenant's equipment, never more under way than the kernel keeps. */
  const flood = async (side: Side, bytesOf: (index: number) => Buffer): Promise<void> => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect(side, "127.0.0.2")));
    const before = tally(side).received;
    for (let index = 0; index < packets; index += 1) {
      clients[index % clients.length]!.send(bytesOf(index));
      while (before + index - tally(side).received > underWay) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const identifierOf = (index: number) => Math.floor(index / 8) % 256;

  /** Sends once, for the answer must come without asking again. */
  const answered = async (client: RadiusClient, bytes: Buffer) => {
    client.send(bytes);
    const answer = await client.nextWithin(patienceMs, (datagram) => datagram[1] === bytes[1]);
    assert.ok(answer, "a packet of the quiet tenant was not answered");
    return readAnswer(answer, bytes, secret).code;
  };

  it("with wrong passwords is let in at the first packet, and long before the flood is over", async () => {
    const client = await connect("authentication", "127.0.0.3");
    const flooded = flood("authentication", (index) =>
      requestBytes({
        code: 1,
        identifier: identifierOf(index),
        secret,
        password: `wrong ${index}`,
        attributes: [
          [1, `stranger-${index}`],
          [31, `02-00-00-00-00-${(index % 90) + 10}`],
        ],
      }),
    );
    await eventually("the flood has come", () => tally("authentication").received > 300);
    // The first time each password is hashed, the second it is known.
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < 5; index += 1) {
        const attributes = [
          [1, `guest-${index}`],
          [31, `02-00-00-00-01-0${index}`],
        ] as const;
        const bytes = requestBytes({ code: 1, identifier: round * 5 + index, secret, password: "secret", attributes });
        assert.equal(await answered(client, bytes), 2);
      }
    }
    assert.ok(tally("authentication").rejected < packets, "the flood is still being refused");
    await flooded;
  });

  it("with accounting is acknowledged at the first packet, and stored", async () => {
    const client = await connect("accounting", "127.0.0.3");
    const bytesOf = (user: string, session: string, identifier: number) =>
      requestBytes({
        code: 4,
        identifier,
        secret,
        messageAuthenticator: "none",
        attributes: [
          [1, user],
          [40, 1],
          [44, session],
        ],
      });
    const flooded = flood("accounting", (index) => bytesOf(`stranger-${index}`, `flood-${index}`, identifierOf(index)));
    await eventually("the flood has come", () => tally("accounting").received > 300);
    for (let index = 0; index < 5; index += 1) assert.equal(await answered(client, bytesOf(`guest-${index}`, `quiet-${index}`, index)), 5);
    await flooded;
    const sessions = await sessionsIn(world, "", quiet.token);
    assert.equal(sessions.length, 5);
  });
});
