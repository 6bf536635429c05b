import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decide, steps } from "../../../src/aaa/authorization/decide.ts";
import type { AccessFacts, ProfileFacts, UserFacts } from "../../../src/aaa/authorization/facts.ts";

const nowMs = 1_700_000_000_000;
const account: UserFacts = { id: 42, username: "john", isActive: true, expirationMs: null, seconds: null };
const plain: AccessFacts = {
  nowMs,
  account,
  credential: { method: "pap", verdict: "right" },
  profiles: [],
  sessions: { live: 0, reserved: 0, unreportedSeconds: 0 },
  attributes: {},
};
const facts = (
  change: Partial<Omit<AccessFacts, "account">> & { account?: Partial<UserFacts> | "unknown" | "ambiguous" } = {},
): AccessFacts => ({
  ...plain,
  ...change,
  account: typeof change.account === "string" ? change.account : { ...account, ...change.account },
});
const profile = (fields: Partial<ProfileFacts>): ProfileFacts => ({ shortName: "gold", check: [], reply: [], ...fields });

const accepted = (asked: AccessFacts) => {
  const decision = decide(asked);
  assert.equal(decision.outcome, "accept", JSON.stringify(decision));
  return decision as Extract<typeof decision, { outcome: "accept" }>;
};
const reasonOf = (asked: AccessFacts) => {
  const decision = decide(asked);
  return decision.outcome === "reject" ? decision.reason : undefined;
};
const values = (asked: AccessFacts) => Object.fromEntries(accepted(asked).reply.map(({ attribute, value }) => [attribute, value]));

describe("the access decision", () => {
  it("refuses for the first reason of its table", () => {
    const everything = {
      account: { isActive: false, expirationMs: nowMs - 5_000, seconds: 0 },
      credential: { method: "pap", verdict: "wrong" },
      profiles: [profile({ check: [{ attribute: "NAS-Port-Type", op: "==", value: "Virtual" }] })],
      sessions: { live: 3, reserved: 0, unreportedSeconds: 0 },
    } as const;
    const repaired: [reason: string | undefined, Parameters<typeof facts>[0]][] = [
      ["unknown_user", { ...everything, account: "unknown" }],
      ["ambiguous_user", { ...everything, account: "ambiguous" }],
      ["wrong_credential", everything],
      ["inactive", { ...everything, credential: plain.credential }],
      ["expired", { ...everything, credential: plain.credential, account: { ...everything.account, isActive: true } }],
      ["no_time_left", { ...everything, credential: plain.credential, account: { seconds: 0 } }],
      ["check_failed", { ...everything, credential: plain.credential, account: { seconds: 60 } }],
    ];
    for (const [reason, change] of repaired) assert.equal(reasonOf(facts(change)), reason);
    const limited = profile({ check: [{ attribute: "Simultaneous-Use", op: ":=", value: "3" }] });
    assert.equal(reasonOf(facts({ profiles: [limited], sessions: { live: 2, reserved: 1, unreportedSeconds: 0 } })), "too_many_sessions");
    assert.equal(reasonOf(facts({ profiles: [limited], sessions: { live: 1, reserved: 1, unreportedSeconds: 0 } })), undefined);
  });

  it("knows every way in which a credential can fail or pass", () => {
    const reasonFor = (verdict: AccessFacts["credential"]["verdict"]) => reasonOf(facts({ credential: { method: "chap", verdict } }));
    assert.deepEqual((["right", "deferred", "assumed", "wrong", "missing", "unreadable"] as const).map(reasonFor), [
      undefined,
      undefined,
      undefined,
      "wrong_credential",
      "no_credential",
      "no_reversible_secret",
    ]);
  });

  it("reveals nothing about an account whose password is wrong", () => {
    const { trace } = decide(facts({ credential: { method: "pap", verdict: "wrong" }, account: { isActive: false } }));
    assert.deepEqual(
      trace.map(({ step, verdict }) => [step, verdict]),
      [
        ["user", "pass"],
        ["credential", "refuse"],
      ],
    );
  });

  it("keeps a line of trace for each step that was evaluated", () => {
    const { trace } = accepted(facts({ account: { seconds: 600 } }));
    assert.deepEqual(
      trace.map(({ step }) => step),
      steps.map(({ name }) => name),
    );
    assert.match(
      trace.find(({ step }) => step === "time")!.detail,
      /^600 s of balance, 0 s passed and not reported yet, shared by 1: 600 s\.$/,
    );
    assert.match(trace.at(-1)!.detail, /^600 s, by the time balance/);
  });
});

describe("Session-Timeout", () => {
  it("shares a balance: 600 for the first device, 300 for the second, 200 for the third", () => {
    const timeout = (live: number, more: Partial<AccessFacts["sessions"]> = {}) =>
      accepted(facts({ account: { seconds: 600 }, sessions: { live, reserved: 0, unreportedSeconds: 0, ...more } })).sessionTimeoutSeconds;
    assert.deepEqual([timeout(0), timeout(1), timeout(2)], [600, 300, 200]);
    assert.equal(timeout(0, { reserved: 1 }), 300, "a reservation is about to be a session");
    assert.equal(timeout(1, { unreportedSeconds: 101 }), 249);
  });

  it("is the least of share, expiration and the profile's own, and is not sent where nothing limits", () => {
    const own = profile({ reply: [{ attribute: "Session-Timeout", op: ":=", value: "500" }] });
    const asked = { seconds: 600, expirationMs: nowMs + 400_999 };
    assert.equal(values(facts({ account: asked, profiles: [own] }))["Session-Timeout"], "400");
    assert.equal(values(facts({ account: { seconds: 600 }, profiles: [own] }))["Session-Timeout"], "500");
    assert.equal(values(facts({ profiles: [own] }))["Session-Timeout"], "500");
    assert.equal(values(facts({ account: { seconds: 2 ** 40 } }))["Session-Timeout"], String(2 ** 31 - 1));
    assert.ok(!("Session-Timeout" in values(facts())));
    for (const value of ["0", "-5", "soon", "1.5"]) {
      const broken = profile({ reply: [{ attribute: "Session-Timeout", op: ":=", value }] });
      assert.ok(!("Session-Timeout" in values(facts({ profiles: [broken] }))), value);
    }
  });

  it("is never 0: what leaves less than a second refuses", () => {
    assert.equal(reasonOf(facts({ account: { expirationMs: nowMs + 999 } })), "expired");
    assert.equal(reasonOf(facts({ account: { seconds: 1 }, sessions: { live: 1, reserved: 0, unreportedSeconds: 0 } })), "no_time_left");
    assert.equal(
      reasonOf(facts({ account: { seconds: 100 }, sessions: { live: 1, reserved: 0, unreportedSeconds: 500 } })),
      "no_time_left",
    );
  });

  it("whatever the facts: a whole number of seconds, within every limit, and shares that add up to what is there", () => {
    const numbers = fc.record({
      seconds: fc.option(fc.nat(2 ** 40)),
      expiresIn: fc.option(fc.integer({ min: -10_000, max: 10 ** 12 })),
      own: fc.option(fc.integer({ min: 1, max: 10 ** 9 })),
      live: fc.nat(50),
      reserved: fc.nat(5),
      unreportedSeconds: fc.nat(10 ** 6),
    });
    fc.assert(
      fc.property(numbers, ({ seconds, expiresIn, own, ...sessions }) => {
        const reply = own === null ? [] : [{ attribute: "session-timeout", op: "=", value: String(own) }];
        const decision = decide(
          facts({
            account: { seconds, expirationMs: expiresIn === null ? null : nowMs + expiresIn },
            profiles: [profile({ reply })],
            sessions,
          }),
        );
        if (decision.outcome === "reject") {
          assert.ok(decision.reason === "expired" ? expiresIn! < 1_000 : seconds !== null);
          return;
        }
        const timeout = decision.sessionTimeoutSeconds;
        assert.equal(timeout === undefined, seconds === null && expiresIn === null && own === null);
        if (timeout === undefined) return;
        assert.ok(Number.isInteger(timeout) && timeout >= 1 && timeout < 2 ** 31);
        assert.ok(timeout <= (own ?? Number.POSITIVE_INFINITY));
        if (expiresIn !== null) assert.ok(timeout * 1_000 <= expiresIn);
        const sharers = sessions.live + sessions.reserved + 1;
        if (seconds !== null) assert.ok(timeout * sharers <= seconds - sessions.unreportedSeconds);
        assert.equal(decision.reply.filter(({ attribute }) => attribute.toLowerCase() === "session-timeout").length, 1);
      }),
    );
  });
});

describe("reply attributes", () => {
  it("of several profiles come in order: := replaces, = fills in, += adds, and nothing else counts", () => {
    const reply = (...items: [string, string, string][]) =>
      profile({ reply: items.map(([attribute, op, value]) => ({ attribute, op, value })) });
    const decision = accepted(
      facts({
        profiles: [
          reply(["Filter-Id", "=", "a"], ["Reply-Message", "+=", "one"], ["Tunnel-Type:1", ":=", "VLAN"], ["Class", "==", "never"]),
          reply(["filter-id", "=", "b"], ["Reply-Message", "+=", "two"], ["Tunnel-Type:2", ":=", "GRE"], ["TUNNEL-TYPE:1", ":=", "L2TP"]),
        ],
      }),
    );
    assert.deepEqual(
      decision.reply.map(({ attribute, value }) => `${attribute}=${value}`),
      ["Filter-Id=a", "Reply-Message=one", "Reply-Message=two", "Tunnel-Type:2=GRE", "TUNNEL-TYPE:1=L2TP", "Acct-Interim-Interval=600"],
    );
  });

  it("ask for reports every ten minutes, more often where little time is left, or as the profile says", () => {
    const interim = (seconds: number | null, profiles: ProfileFacts[] = []) =>
      accepted(facts({ account: { seconds }, profiles })).interimSeconds;
    assert.deepEqual([interim(null), interim(86_400), interim(600), interim(30)], [600, 600, 150, 60]);
    assert.equal(interim(30, [profile({ reply: [{ attribute: "Acct-Interim-Interval", op: ":=", value: "300" }] })]), 300);
  });

  it("are none where no network equipment asks", () => {
    const decision = accepted(
      facts({
        attributes: undefined,
        account: { seconds: 60 },
        profiles: [profile({ check: [{ attribute: "NAS-Port", op: "==", value: "1" }] })],
      }),
    );
    assert.deepEqual([decision.reply, decision.sessionTimeoutSeconds, decision.interimSeconds], [[], undefined, undefined]);
  });
});

describe("check attributes", () => {
  const passes = (op: string, value: string, ...carried: string[]) => {
    const fits = op === "=~" || op === "!~" ? (text: string) => new RegExp(value).test(text) : undefined;
    const attributes = carried.length === 0 ? {} : { "Called-Station-Id": carried };
    return (
      reasonOf(facts({ attributes, profiles: [profile({ check: [{ attribute: "Called-Station-Id", op, value, fits }] })] })) === undefined
    );
  };

  it("compare with every operator of FreeRADIUS", () => {
    const table: [op: string, value: string, carried: string[], passes: boolean][] = [
      ["==", "cafe", ["cafe"], true],
      ["==", "cafe", ["bar"], false],
      ["==", "cafe", ["bar", "cafe"], true],
      ["==", "7", ["007"], true],
      ["==", "AA-BB-CC-00-11-22", ["aabb.cc00.1122"], true],
      ["!=", "cafe", ["bar"], true],
      ["!=", "cafe", ["cafe"], false],
      [">", "9", ["10"], true],
      [">", "9", ["9"], false],
      [">=", "9", ["9"], true],
      ["<", "9", ["10"], false],
      ["<=", "9", ["9"], true],
      ["<", "b", ["a"], true],
      ["=~", "^caf", ["cafe"], true],
      ["=~", "^bar", ["cafe"], false],
      ["!~", "^bar", ["cafe"], true],
      ["!~", "^caf", ["cafe"], false],
      ["=*", "", ["anything"], true],
      ["!*", "", ["anything"], false],
      ["~", "cafe", ["cafe"], false],
    ];
    for (const [op, value, carried, expected] of table) assert.equal(passes(op, value, ...carried), expected, `${op} ${value} ${carried}`);
  });

  it("are not satisfied by what is not there, except by !*", () => {
    for (const op of ["==", "!=", ">", ">=", "<", "<=", "=~", "!~", "=*"]) assert.equal(passes(op, "x"), false, op);
    assert.equal(passes("!*", ""), true);
  });

  it("that set something compare nothing; Auth-Type can refuse, and the least Simultaneous-Use counts", () => {
    for (const op of [":=", "=", "+="]) assert.equal(passes(op, "cafe", "bar"), true);
    const setting = (attribute: string, value: string) => profile({ check: [{ attribute, op: ":=", value }] });
    assert.equal(reasonOf(facts({ profiles: [setting("auth-type", "Reject")] })), "profile_refuses");
    assert.equal(reasonOf(facts({ profiles: [setting("Auth-Type", "Accept")] })), undefined);
    const limits = [setting("Simultaneous-Use", "5"), setting("Simultaneous-Use", "2"), setting("Simultaneous-Use", "many")];
    assert.equal(accepted(facts({ profiles: limits })).maxSessions, 2);
    assert.equal(accepted(facts()).maxSessions, undefined);
  });
});
