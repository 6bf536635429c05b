import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { systemDelay } from "../../../src/kernel/clock.ts";
import { createHashCosts } from "../../../src/modules/accounts/passwords/hash-costs.ts";
import { createPasswordQueue } from "../../../src/modules/accounts/passwords/password-hasher.ts";
import { createPasswordVerifier } from "../../../src/modules/accounts/passwords/password-verifier.ts";
import { createSigner } from "../../../src/modules/foundation/keys/index.ts";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { createNetworkAccess } from "../../../src/modules/network/network-access/access-request.service.ts";
import { createAccessStages } from "../../../src/modules/network/network-access/access-stages.ts";
import { createAttempts } from "../../../src/modules/network/network-access/deferred-attempts.service.ts";
import { createProfileBook } from "../../../src/modules/network/network-access/profile-book.ts";
import { createDecisionRecorder } from "../../../src/modules/network/network-access/record-decision.stage.ts";
import { createRefusalPace } from "../../../src/modules/network/network-access/refusal-pace.service.ts";
import { createSessionTickets } from "../../../src/modules/network/network-access/session-ticket.ts";
import { interrupted } from "../../support/interrupted-work.ts";
import { ask, decisionOf, makeAccount, makeClient, pap, replied } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const spelling = { name: (name: string) => name, value: (_name: string, value: string) => value, isSecret: () => false };
const reject = [{ attribute: "Auth-Type", op: ":=", value: "Reject" }];
const reads = ["accessFacts.findInNamespace", "aaaProfiles.findMany", "accessFacts.countSessions", "reversibleSecrets.find"];
const kinds = { plain: {}, metered: { user_time: 6_000 }, limited: { profile: ["closed", "one-session"] } };

onEachDatabase("a decision and what it is made of", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true, reversible_secrets: true });
    client = await makeClient(world, cafe.id);
    await profile("one-session", { check: [{ attribute: "Simultaneous-Use", op: ":=", value: "1" }] });
  });
  after(() => world.close());

  const profile = async (short_name: string, fields: object = {}): Promise<number> => {
    const answer = await world.post("/aaa_profile/", { short_name, organization: cafe.id, ...fields });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const done = async (answering: Promise<{ status: number; body: unknown }>, status = 200) => {
    const answer = await answering;
    assert.equal(answer.status, status, JSON.stringify(answer.body));
  };

  /** Network access over the world's stores, in which something happens after these reads. */
  const accessWith = (interruptedReads: readonly string[], meanwhile: (read: string) => Promise<void>, isServed = () => true) => {
    const clock = { nowMs: () => Date.now() };
    const work = interrupted(world.app.work, interruptedReads, meanwhile);
    const kept: { reason: string | null; trace: readonly { step: string }[] }[] = [];
    const hashCosts = createHashCosts(clock);
    const pace = createRefusalPace({ hashCosts, clock, delay: systemDelay });
    const stages = createAccessStages({
      work,
      hashCosts,
      directory: world.app.services.organizations.directory,
      profiles: createProfileBook({ work, clock, spelling }),
      passwords: createPasswordVerifier({ clock, queue: createPasswordQueue(), crypt: async () => "" }),
      attempts: createAttempts({ clock, delay: systemDelay }),
    });
    const journal = { addDecision: (one: (typeof kept)[number]) => void kept.push(one), noteContact() {} };
    const record = createDecisionRecorder({ ids: world.app.ids, clock, journal, goodLogins: { note() {} }, pace });
    const access = createNetworkAccess({
      work,
      stages,
      record,
      encode: () => ({ octets: Buffer.alloc(0) }),
      tickets: createSessionTickets(createSigner(Buffer.alloc(32, 1), "session-ticket")),
      isServed,
    });
    const login = (userName: string, credential = pap("secret")) =>
      access.authorize({ client, source: "radius", userName, credential, attributes: { "Calling-Station-Id": ["aa-bb-cc-00-00-01"] } });
    return { login: async (userName: string, credential = pap("secret")) => login(userName, credential), kept };
  };

  it("lets nobody in who is refused, and nobody without a VLAN, while another tenant changes profiles in a loop", async () => {
    const other = await makeTenant(world, "other");
    const theirs = await world.post("/aaa_profile/", { short_name: "theirs", organization: other.id });
    await profile("refused", { check: reject });
    await profile("vlan", { reply: [{ attribute: "Tunnel-Private-Group-Id", op: ":=", value: "42" }] });
    await makeAccount(world, { username: "refused", organization: cafe.id, profile: ["refused"] });
    await makeAccount(world, { username: "placed", organization: cafe.id, profile: ["vlan"] });
    let isOver = false;
    const changing = (async () => {
      for (let turn = 0; !isOver; turn += 1) {
        await done(world.patch(`/aaa_profile/${theirs.body.id}/`, { description: `turn ${turn}` }, { token: other.token }));
      }
    })();
    const login = async () => {
      for (let turn = 0; turn < 30; turn += 1) {
        assert.equal((await ask(world, client, { userName: "refused" })).outcome, "reject");
        assert.equal(replied(await ask(world, client, { userName: "placed" }), "Tunnel-Private-Group-Id"), "42");
      }
    };
    try {
      await Promise.all(Array.from({ length: 8 }, login));
    } finally {
      isOver = true;
      await changing;
    }
  });

  for (const [kind, fields] of Object.entries(kinds)) {
    for (const read of reads) {
      for (const method of ["pap", "deferred"] as const) {
        it(`refuses a ${kind} account that is switched off before its profile is opened, whichever falls after ${read} (${method})`, async () => {
          const closed = await profile("closed", { check: reject });
          const id = await makeAccount(world, { username: "guest", organization: cafe.id, profile: ["closed"], ...fields });
          let happened = false;
          const { login } = accessWith([read], async () => {
            if (happened) return;
            happened = true;
            await done(world.patch(`/user/${id}/`, { is_active: false }));
            await done(world.patch(`/aaa_profile/${closed}/`, { check: [] }));
          });
          const credential = method === "pap" ? pap("secret") : ({ method } as never);
          assert.equal((await login("guest", credential)).outcome, "reject");
          await done(world.delete(`/user/${id}/`), 204);
          await done(world.delete(`/aaa_profile/${closed}/`), 204);
        });
      }
    }
  }

  it("goes by the profiles that an account carries now, where the one that it carried was deleted while it was read", async () => {
    await profile("shut", { check: reject });
    const gone = await profile("gone");
    const id = await makeAccount(world, { username: "carrier", organization: cafe.id, profile: ["gone"] });
    let happened = false;
    const { login, kept } = accessWith(["accessFacts.findInNamespace"], async () => {
      if (happened) return;
      happened = true;
      await done(world.patch(`/user_token/${id}/`, { profile: ["shut"] }));
      await done(world.delete(`/aaa_profile/${gone}/`), 204);
    });
    assert.equal((await login("carrier")).outcome, "reject");
    assert.equal(kept[0]!.reason, "profile_refuses");
  });

  it("lets nobody in who was deleted or has got another password while it was decided", async () => {
    for (const [name, change] of [
      ["deleted", (id: number) => done(world.delete(`/user/${id}/`), 204)],
      ["renewed", (id: number) => done(world.patch(`/user/${id}/`, { password: "another" }))],
    ] as const) {
      for (const read of ["accessFacts.findInNamespace", "accessFacts.countSessions"]) {
        const username = `${name}-${read}`;
        const id = await makeAccount(world, { username, organization: cafe.id, user_time: 600, profile: ["one-session"] });
        let happened = false;
        const { login, kept } = accessWith([read], async () => {
          if (happened) return;
          happened = true;
          await change(id);
        });
        assert.equal((await login(username)).outcome, "reject", username);
        assert.equal(kept[0]!.reason, name === "deleted" ? "unknown_user" : "wrong_credential");
      }
    }
  });

  it("answers nobody where what it rests on changes each time, or the client is gone, and keeps that as not known", async () => {
    const id = await makeAccount(world, { username: "restless", organization: cafe.id, user_time: 600 });
    let turn = 0;
    const restless = accessWith(["accessFacts.countSessions"], async () => {
      turn += 1;
      await done(world.patch(`/user/${id}/`, { first_name: `turn ${turn}` }));
    });
    // The change falls after the count, so the count before it is what is found to be outdated by the reservation or the next.
    const moving = accessWith(["accessFacts.findInNamespace"], async () => {
      turn += 1;
      await done(world.patch(`/user/${id}/`, { first_name: `turn ${turn}` }));
    });
    assert.equal((await restless.login("restless")).outcome, "accept", "what changes after the last read is later");
    await assert.rejects(moving.login("restless"), { code: "server.unavailable" });
    const removed = accessWith(
      [],
      async () => {},
      () => false,
    );
    await assert.rejects(removed.login("restless"), { code: "server.unavailable" });
    for (const { kept } of [moving, removed]) {
      assert.deepEqual([kept.length, kept[0]!.reason, kept[0]!.trace[0]!.step], [1, "not_known", "facts"]);
    }
  });

  it("fails where a read fails, and does not take that for none", async () => {
    await makeAccount(world, { username: "unread", organization: cafe.id, user_time: 600, profile: ["one-session"] });
    for (const read of reads.slice(0, 3)) {
      const { login } = accessWith([read], () => Promise.reject(new Error("the database is away")));
      await assert.rejects(login("unread"), /the database is away/, read);
    }
  });

  it("counts a device whose name no column can hold, and fails nobody who is read with it", async () => {
    await makeAccount(world, { username: "odd", organization: cafe.id, profile: ["one-session"] });
    await makeAccount(world, { username: "even", organization: cafe.id, user_time: 600 });
    const devices = ["\ud800phone", "pho\u0000ne", "x".repeat(300)];
    const answers = await Promise.all([
      ...devices.map((device) => ask(world, client, { userName: "odd", device })),
      ...devices.map(() => ask(world, client, { userName: "even", device: "even" })),
    ]);
    assert.equal(answers.slice(0, 3).filter(({ outcome }) => outcome === "accept").length, 1, "one session for all three devices");
    assert.ok(answers.slice(3).every(({ outcome }) => outcome === "accept"));
    assert.equal((await decisionOf(world, answers.slice(0, 3).find(({ outcome }) => outcome === "reject")!)).reason, "too_many_sessions");
  });
});
