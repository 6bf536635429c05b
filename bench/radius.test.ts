import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { checkMessageAuthenticator, isSignedRequest, signAnswer } from "../packages/server/src/radius/protocol/packet/authenticators.ts";
import { revealPassword } from "../packages/server/src/radius/protocol/packet/hidden-value.ts";
import { readPacket, valuesOf } from "../packages/server/src/radius/protocol/packet/packet.ts";
import { attributeNumber, packetCode } from "../packages/server/src/radius/protocol/packet/packet-code.ts";
import { sharedSecretOf } from "../packages/server/src/radius/protocol/packet/shared-secret.ts";
import { compare, failuresOf } from "./check.ts";
import { radiusCaseOf, radiusCases } from "./radius/cases.ts";
import { freeRadiusConfiguration } from "./radius/freeradius-configuration.ts";
import { type Lane, packetAt, startPacket } from "./radius/packets.ts";
import {
  accountAt,
  accountsOfLane,
  benchPassword,
  lanes,
  plannedClients,
  plannedSources,
  secondsAt,
  startOrStopAt,
  startsAtOnce,
  usernameOf,
} from "./radius/plan.ts";
import { radiusPart } from "./radius/radius-page.ts";
import type { RadiusFigures, RadiusResult, RadiusRound } from "./radius/radius-results.ts";
import { summarizeRadius } from "./radius/radius-summary.ts";
import { judgeRadius } from "./radius/radius-targets.ts";
import { fireVolley, type Volley } from "./radius/volley.ts";

const accounts = 1_003;
const laneOf = (place: number): Lane => {
  const source = plannedSources("linux")[place]!;
  return { source, secret: sharedSecretOf(Buffer.from(source.secret)), accounts, run: "run" };
};

const packetOf = (bytes: Buffer) => {
  const read = readPacket(bytes);
  assert.ok("packet" in read);
  return read.packet;
};

const textOf = (bytes: Buffer, number: number): string => valuesOf(packetOf(bytes), number).join();

describe("the plan of a load", () => {
  it("gives every account to one lane, once in each turn", () => {
    const seen = Array.from({ length: lanes }, (_, lane) =>
      Array.from({ length: accountsOfLane(lane, accounts) }, (_, place) => accountAt(lane, place, accounts)),
    ).flat();
    assert.deepEqual(
      seen.sort((one, other) => one - other),
      Array.from({ length: accounts }, (_, account) => account),
    );
  });

  it("has sessions report in turn, each time more, and by the clock where a turn takes longer than a second", () => {
    const turn = accountsOfLane(1, accounts);
    const fast = { beganSeconds: 40, perSecond: 10_000 };
    assert.deepEqual(
      [0, turn - 1, turn].map((place) => secondsAt(1, place, accounts, fast)),
      [41, 41, 42],
    );
    const slow = { beganSeconds: 40, perSecond: 100 };
    assert.deepEqual(
      [0, 99, 100, 250].map((place) => secondsAt(1, place, accounts, slow)),
      [41, 41, 42, 43],
    );
  });

  it("stops every session after it has started it, later than a window of others", () => {
    const places = Array.from({ length: 6 * startsAtOnce }, (_, place) => startOrStopAt(place));
    for (const [place, { session, isStart }] of places.entries()) {
      if (isStart) assert.deepEqual(places[place + startsAtOnce], { session, isStart: false });
    }
    assert.equal(new Set(places.map(({ session }) => session)).size, 3 * startsAtOnce);
  });

  it("asks from addresses of its own on Linux, and from one elsewhere", () => {
    assert.equal(plannedClients(plannedSources("linux")).length, lanes);
    const elsewhere = plannedSources("darwin");
    assert.equal(plannedClients(elsewhere).length, 1);
    assert.equal(new Set(elsewhere.map(({ secret }) => secret)).size, 1);
  });
});

describe("prepared packets", () => {
  it("log an account in by PAP, signed first of all", () => {
    for (const id of ["PAP", "PAP-timed"]) {
      const one = radiusCaseOf(id);
      const bytes = packetAt(laneOf(2), one, 300);
      const packet = packetOf(bytes);
      assert.deepEqual([packet.code, packet.identifier], [packetCode.accessRequest, 300 % 256]);
      assert.equal(bytes[20], attributeNumber.messageAuthenticator);
      assert.equal(checkMessageAuthenticator(packet, laneOf(2).secret), "valid");
      const [hidden] = valuesOf(packet, attributeNumber.userPassword);
      assert.equal(String(revealPassword(hidden!, packet, laneOf(2).secret)), benchPassword);
      assert.equal(textOf(bytes, attributeNumber.userName), usernameOf(one.accounts, accountAt(2, 300, accounts)));
    }
  });

  it("report on the session that was started, signed by the secret of its own source", () => {
    const sessionId = 44;
    const start = startPacket(laneOf(1), 7);
    const interim = packetAt(laneOf(1), radiusCaseOf("Interim"), 7, 90);
    assert.equal(textOf(start, sessionId), textOf(interim, sessionId));
    assert.equal(valuesOf(packetOf(interim), 46)[0]!.readUInt32BE(), 90);
    for (const bytes of [start, interim]) {
      assert.ok(isSignedRequest(packetOf(bytes), laneOf(1).secret));
      assert.ok(!isSignedRequest(packetOf(bytes), laneOf(0).secret));
    }
  });

  it("are those that a case's answer code fits", () => {
    for (const one of radiusCases) {
      const wanted = packetAt(laneOf(0), one, 0)[0] === packetCode.accessRequest ? packetCode.accessAccept : packetCode.accountingResponse;
      assert.equal(one.answerCode, wanted, one.id);
    }
  });
});

/** A server that answers as it is told: the answer to a request, by how often it was asked before, or none. */
const withServer = async (react: (request: Buffer, before: number) => Buffer | undefined, run: (port: number) => Promise<void>) => {
  const socket = createSocket("udp4");
  const seen = new Map<string, number>();
  socket.on("message", (request, { port, address }) => {
    const key = request.toString("hex");
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    const answer = react(request, before);
    if (answer) socket.send(answer, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  try {
    await run(socket.address().port);
  } finally {
    socket.close();
  }
};

const answerWith = (request: Buffer, code: number, lane: Lane): Buffer => {
  const bytes = Buffer.from([code, request[1]!, 0, 20, ...Buffer.alloc(16)]);
  signAnswer(bytes, request.subarray(4, 20), lane.secret);
  return bytes;
};

const volleyOf = (port: number, length: number): Volley => {
  const lane = laneOf(0);
  const packets = Array.from({ length }, (_, place) => packetAt(lane, radiusCaseOf("Interim"), place, 1));
  const deck = { packets, address: "127.0.0.1", secret: lane.secret };
  return { decks: [deck], port, window: 8, isRepeated: false, answerCode: packetCode.accountingResponse, isVerified: true };
};

describe("a volley", () => {
  it("sends each packet once and counts its answer", async () => {
    await withServer(
      (request) => answerWith(request, packetCode.accountingResponse, laneOf(0)),
      async (port) => {
        const { requests, lost, unanswered, faults, sent } = await fireVolley(volleyOf(port, 600));
        assert.deepEqual({ requests, lost, unanswered, faults, sent }, { requests: 600, lost: 0, unanswered: 0, faults: {}, sent: [600] });
      },
    );
  });

  it("takes what was answered when it was asked again for lost", async () => {
    await withServer(
      (request, before) => (request[1] === 3 && before === 0 ? undefined : answerWith(request, packetCode.accountingResponse, laneOf(0))),
      async (port) => {
        const { requests, lost, unanswered } = await fireVolley(volleyOf(port, 20));
        assert.deepEqual({ requests, lost, unanswered }, { requests: 19, lost: 1, unanswered: 0 });
      },
    );
  });

  it("names answers of another code, and those that another secret signed", async () => {
    await withServer(
      (request) => answerWith(request, request[1] === 1 ? packetCode.accessReject : packetCode.accountingResponse, laneOf(1)),
      async (port) => {
        const { faults, requests } = await fireVolley(volleyOf(port, 10));
        assert.deepEqual(faults, { "answers of code 3 instead of 5": 1, "answers that are not signed for their request": 1 });
        assert.equal(requests, 8);
      },
    );
  });
});

const figures = (perSecond: number, p99Ms = 1, cpu = 1): RadiusFigures => ({
  requests: perSecond,
  seconds: 1,
  p50Ms: 1,
  p99Ms,
  applicationCpuSeconds: cpu,
  databaseCpuSeconds: 0,
  clientCpuSeconds: 0.5,
  lost: 1,
});

const resultOf = (database: RadiusResult["database"], rounds: Record<string, RadiusRound[]>): RadiusResult => ({
  format: 1,
  database,
  workers: 1,
  users: 5_000,
  date: "2026-01-01T00:00:00.000Z",
  commit: "none",
  machine: { processor: "one", cores: 2, memoryBytes: 2 ** 30, system: "Linux", node: "v26.0.0" },
  databaseVersion: "one",
  databaseSettings: {},
  settings: { rounds: 1, seconds: 1, window: 64 },
  freeRadius: "3.2.1",
  operations: Object.fromEntries(Object.entries(rounds).map(([id, list]) => [id, summarizeRadius(list)])),
  memory: { ours: { requests: 1, residentBytes: 1 }, theirs: undefined },
});

describe("what was measured", () => {
  it("is held against FreeRADIUS round by round", () => {
    const { theirs, lost } = summarizeRadius([
      { bare: figures(100), ours: figures(20, 2), theirs: figures(10, 4) },
      { bare: figures(10), ours: figures(3, 9), theirs: figures(1, 3) },
      { bare: figures(50), ours: figures(8, 2), theirs: figures(2, 2, 4) },
    ]);
    assert.deepEqual(theirs?.rateRatio, { median: 3, least: 2, most: 4 });
    assert.deepEqual(theirs?.p99Ratio, { median: 1, least: 0.5, most: 3 });
    assert.equal(lost, 3);
    assert.equal(summarizeRadius([{ bare: figures(1), ours: figures(1) }]).theirs, undefined);
  });

  it("meets the targets, misses them, or was not measured, which is no pass", () => {
    const good = [{ bare: figures(100), ours: figures(20, 1), theirs: figures(10, 2) }];
    const slow = [{ bare: figures(100), ours: figures(14, 3), theirs: figures(10, 2) }];
    const verdicts = judgeRadius([resultOf("sqlite", { PAP: good, Interim: slow })]);
    const told = verdicts
      .filter(({ target }) => target.database === "sqlite")
      .map(({ target, verdict }) => [target.what.slice(0, 12), verdict]);
    assert.deepEqual(told, [
      ["PAP: packets", "pass"],
      ["PAP: p99 by ", "pass"],
      ["PAP-timed: p", "not measured"],
      ["PAP-timed: p", "not measured"],
      ["Interim: pac", "miss"],
      ["Interim: p99", "miss"],
    ]);
    assert.ok(verdicts.every(({ target, verdict }) => target.database === "sqlite" || verdict === "not measured"));
  });

  it("is compared with what is committed by its CPU beside the bare echo's", () => {
    const then = resultOf("sqlite", { PAP: [{ bare: figures(10), ours: figures(10, 1, 2) }] });
    const now = resultOf("sqlite", { PAP: [{ bare: figures(10), ours: figures(10, 1, 3) }] });
    assert.deepEqual(failuresOf(compare(then, then)), []);
    assert.match(failuresOf(compare(then, now))[0]!, /^sqlite-1-5000, PAP: costs 3\.00 .* 50 % more/);
  });

  it("has a part of the page only when something is committed", () => {
    assert.equal(radiusPart([]), undefined);
    const part = radiusPart([resultOf("sqlite", { PAP: [{ bare: figures(10), ours: figures(4), theirs: figures(2) }] })]);
    assert.match(part!, /## RADIUS\n[\s\S]*### RADIUS on SQLite[\s\S]*\| PAP \| 2\.00 \|/);
  });
});

describe("FreeRADIUS' configuration", () => {
  const plan = {
    folder: "/there",
    libraries: "/usr/lib/freeradius",
    shipped: "/etc/freeradius/3.0",
    authPort: 11_812,
    acctPort: 11_813,
  };
  const clients = plannedClients(plannedSources("linux"));

  it("uses the queries that it ships with, and knows every source", () => {
    const text = freeRadiusConfiguration({ ...plan, clients, sql: { database: "sqlite", file: "/there/one.db" }, threads: 1 });
    assert.match(text, /\$INCLUDE \/etc\/freeradius\/3\.0\/mods-config\/sql\/main\/sqlite\/queries\.conf/);
    assert.match(text, /filename = "\/there\/one\.db"/);
    for (const { address, secret } of clients) {
      assert.ok(text.includes(`ipaddr = ${address}\n`));
      assert.ok(text.includes(`secret = "${secret}"`));
    }
  });

  it("listens on loopback alone, and reaches a database server by its address", () => {
    const text = freeRadiusConfiguration({
      ...plan,
      clients,
      sql: { database: "postgres", host: "127.0.0.1", port: 5433, user: "me", name: "one" },
      threads: 32,
    });
    assert.deepEqual(
      [...text.matchAll(/port = (118\d+)/g)].map((match) => match[1]),
      ["11812", "11813"],
    );
    assert.equal([...text.matchAll(/ipaddr = 127\.0\.0\.1\n/g)].length, 3);
    assert.match(text, /driver = "rlm_sql_postgresql"[\s\S]*server = "127\.0\.0\.1"\s+port = 5433\s+login = "me"/);
  });
});
