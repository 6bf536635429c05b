import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeAttributes } from "../../src/radius/protocol/dictionary/attribute-encoding.ts";
import { checkMessageAuthenticator, isAnswerTo, isSignedRequest } from "../../src/radius/protocol/packet/authenticators.ts";
import { chapProofOf, chapResponse, provesPassword } from "../../src/radius/protocol/packet/chap.ts";
import { hidePassword, hideSalted, revealPassword, revealSalted } from "../../src/radius/protocol/packet/hidden-value.ts";
import { authenticatorOf, type RadiusPacket, readPacket, valuesOf } from "../../src/radius/protocol/packet/packet.ts";
import { draftPacket } from "../../src/radius/protocol/packet/packet-writer.ts";
import { sharedSecretOf } from "../../src/radius/protocol/packet/shared-secret.ts";
import { readAnswer, requestBytes } from "../support/radius-client.ts";
import { framed, secret, statusOfAccounting, statusOfAuthentication, telnet } from "./rfc-examples.ts";

const shared = sharedSecretOf(Buffer.from(secret));
const packetOf = (bytes: Buffer): RadiusPacket => {
  const read = readPacket(bytes);
  assert.ok("packet" in read);
  return read.packet;
};

const flipped = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
};

const answer = (request: Buffer, code: number, identifier: number, attributes: readonly (readonly [string, string])[]): Buffer => {
  const draft = draftPacket(code, identifier, { hasMessageAuthenticator: false });
  const encoded = encodeAttributes(attributes.map(([name, value]) => ({ name, value })));
  assert.ok("octets" in encoded && draft.addEncoded(encoded.octets));
  return draft.answer(request.subarray(4, 20), shared);
};

describe("the examples of RFC 2865", () => {
  it("§7.1, a telnet login: the password is read, and the answer written byte for byte", () => {
    const request = packetOf(telnet.request);
    assert.equal(revealPassword(valuesOf(request, 2)[0]!, request, shared)!.toString(), telnet.password);
    assert.deepEqual(hidePassword(Buffer.from(telnet.password), authenticatorOf(request), shared), valuesOf(request, 2)[0]);
    const written = answer(telnet.request, 2, 0, [
      ["Service-Type", "Login-User"],
      ["Login-Service", "Telnet"],
      ["Login-IP-Host", "192.168.1.3"],
    ]);
    assert.equal(written.toString("hex"), telnet.answer.toString("hex"));
  });

  it("§7.2, a framed user with CHAP: the proof holds, and the answer is written byte for byte", () => {
    const proof = chapProofOf(packetOf(framed.request))!;
    assert.equal(proof.identifier, 0x16);
    assert.equal(provesPassword(proof, framed.password), true);
    assert.equal(provesPassword(proof, "Arctangent"), false);
    const written = answer(framed.request, 2, 1, [
      ["Service-Type", "Framed-User"],
      ["Framed-Protocol", "PPP"],
      ["Framed-IP-Address", "255.255.255.254"],
      ["Framed-Routing", "Listen"],
      ["Framed-Compression", "Van-Jacobson-TCP-IP"],
      ["Framed-MTU", "1500"],
    ]);
    assert.equal(written.toString("hex"), framed.answer.toString("hex"));
  });
});

describe("the examples of RFC 5997", () => {
  it("carry valid Message-Authenticators, and the printed answer is ours", () => {
    assert.equal(checkMessageAuthenticator(packetOf(statusOfAuthentication.request), shared), "valid");
    assert.equal(checkMessageAuthenticator(packetOf(statusOfAccounting.request), shared), "valid");
    assert.equal(answer(statusOfAuthentication.request, 2, 0xda, []).toString("hex"), statusOfAuthentication.answer.toString("hex"));
  });
});

describe("a signature", () => {
  const accounting = requestBytes({ code: 4, secret, attributes: [[40, 1]], messageAuthenticator: "last" });
  const status = statusOfAuthentication.request;

  it("of a request is made for its bytes: any bit that differs breaks it", () => {
    assert.equal(isSignedRequest(packetOf(accounting), shared), true);
    assert.equal(checkMessageAuthenticator(packetOf(accounting), shared), "valid");
    for (let bit = 0; bit < accounting.length * 8; bit += 1) {
      const read = readPacket(flipped(accounting, bit));
      assert.ok(!("packet" in read) || !isSignedRequest(read.packet, shared), `bit ${bit}`);
    }
  });

  it("of a Message-Authenticator is made for the whole packet", () => {
    for (let bit = 0; bit < status.length * 8; bit += 1) {
      const read = readPacket(flipped(status, bit));
      assert.ok(!("packet" in read) || checkMessageAuthenticator(read.packet, shared) !== "valid", `bit ${bit}`);
    }
  });

  it("of an answer is made for its request", () => {
    const request = packetOf(telnet.request);
    assert.equal(isAnswerTo(packetOf(telnet.answer), authenticatorOf(request), shared), true);
    assert.equal(isAnswerTo(packetOf(telnet.answer), authenticatorOf(packetOf(framed.request)), shared), false);
    assert.equal(isAnswerTo(packetOf(telnet.answer), authenticatorOf(request), sharedSecretOf(Buffer.from("other"))), false);
    for (let bit = 0; bit < telnet.answer.length * 8; bit += 1) {
      const read = readPacket(flipped(telnet.answer, bit));
      assert.ok(!("packet" in read) || !isAnswerTo(read.packet, authenticatorOf(request), shared), `bit ${bit}`);
    }
  });

  it("is missed where there is none, and forged where there are two or its length is wrong", () => {
    assert.equal(checkMessageAuthenticator(packetOf(telnet.request), shared), "absent");
    const twice = requestBytes({ code: 1, secret, attributes: [[80, Buffer.alloc(16)]] });
    assert.equal(checkMessageAuthenticator(packetOf(twice), shared), "forged");
    for (const length of [0, 15, 17]) {
      const wrong = requestBytes({ code: 1, secret, attributes: [[80, Buffer.alloc(length)]], messageAuthenticator: "none" });
      assert.equal(checkMessageAuthenticator(packetOf(wrong), shared), "forged");
    }
  });

  it("is what another implementation makes, for secrets and packets of any length", () => {
    const secrets = fc.string({ minLength: 1, maxLength: 100 });
    const values = fc.array(fc.uint8Array({ minLength: 1, maxLength: 253 }), { maxLength: 12 });
    fc.assert(
      fc.property(secrets, values, (text, given) => {
        const own = sharedSecretOf(Buffer.from(text));
        const attributes = given.map((value) => [25, Buffer.from(value)] as const);
        assert.equal(checkMessageAuthenticator(packetOf(requestBytes({ code: 1, secret: text, attributes })), own), "valid");
        const request = requestBytes({ code: 4, secret: text, attributes });
        assert.equal(isSignedRequest(packetOf(request), own), true);
        const draft = draftPacket(2, 3, { hasMessageAuthenticator: true });
        for (const [number, value] of attributes) draft.add(number, value);
        assert.equal(readAnswer(draft.answer(request.subarray(4, 20), own), request, text).attributes.length, given.length + 1);
      }),
      { numRuns: 200 },
    );
  });

  it("needs a secret of 1 to 1,024 octets", () => {
    assert.throws(() => sharedSecretOf(Buffer.alloc(0)), RangeError);
    assert.throws(() => sharedSecretOf(Buffer.alloc(1025)), RangeError);
    assert.equal(isSignedRequest(packetOf(requestBytes({ code: 4, secret: "x".repeat(1024), attributes: [] })), shared), false);
  });
});

describe("hidden values", () => {
  const authenticator = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
  const request = packetOf(Buffer.concat([Buffer.from([1, 0, 0, 20]), authenticator]));

  it("are passwords of up to 128 octets, letters beyond ASCII included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 10 }), (password) => {
        const octets = Buffer.from(password.replace(/\0+$/, ""));
        const hidden = hidePassword(octets, authenticator, shared);
        assert.ok(hidden.length % 16 === 0 && hidden.length >= 16);
        assert.deepEqual(revealPassword(hidden, request, shared), octets);
      }),
    );
    const longest = Buffer.alloc(128, "ä");
    assert.deepEqual(revealPassword(hidePassword(longest, authenticator, shared), request, shared), longest);
    assert.throws(() => hidePassword(Buffer.alloc(129), authenticator, shared), RangeError);
  });

  it("are no password in any other length", () => {
    for (const length of [1, 15, 17, 127, 144, 253]) assert.equal(revealPassword(Buffer.alloc(length), request, shared), undefined);
    assert.equal(revealPassword(Buffer.alloc(0), request, shared)!.length, 0);
  });

  it("under a salt are read back, and only whole", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 239 }), fc.integer({ min: 0, max: 0xffff }), (value, salt) => {
        const hidden = hideSalted(Buffer.from(value), salt, authenticator, shared);
        assert.equal(hidden[0]! & 0x80, 0x80);
        assert.deepEqual(new Uint8Array(revealSalted(hidden, authenticator, shared)!), value);
      }),
    );
    assert.throws(() => hideSalted(Buffer.alloc(240), 0, authenticator, shared), RangeError);
    for (const length of [0, 1, 2, 17, 19]) assert.equal(revealSalted(Buffer.alloc(length, 0xff), authenticator, shared), undefined);
    assert.equal(revealSalted(Buffer.alloc(18), authenticator, shared), undefined, "a salt without its first bit");
  });

  it("differ for every request and salt", () => {
    const value = Buffer.from("guest");
    const one = hideSalted(value, 1, authenticator, shared);
    assert.notDeepEqual(hideSalted(value, 2, authenticator, shared).subarray(2), one.subarray(2));
    assert.notDeepEqual(hidePassword(value, authenticator, shared), hidePassword(value, Buffer.alloc(16), shared));
  });
});

describe("a CHAP proof", () => {
  it("takes the challenge from CHAP-Challenge, and else the authenticator", () => {
    const challenge = Buffer.from("another challenge, longer than 16");
    const response = (over: Buffer) => Buffer.concat([Buffer.from([9]), chapResponse(9, "secret ä", over)]);
    const named = packetOf(
      requestBytes({
        code: 1,
        secret,
        attributes: [
          [3, response(challenge)],
          [60, challenge],
        ],
      }),
    );
    assert.equal(provesPassword(chapProofOf(named)!, "secret ä"), true);
    const authenticator = Buffer.alloc(16, 3);
    const plain = packetOf(requestBytes({ code: 1, secret, authenticator, attributes: [[3, response(authenticator)]] }));
    assert.equal(provesPassword(chapProofOf(plain)!, "secret ä"), true);
    assert.equal(provesPassword(chapProofOf(plain)!, "secret a"), false);
  });

  it("is none where it is not whole, or there are two", () => {
    const proof = (...lengths: number[]) =>
      chapProofOf(packetOf(requestBytes({ code: 1, secret, attributes: lengths.map((length) => [3, Buffer.alloc(length)] as const) })));
    for (const lengths of [[], [16], [18], [17, 17]]) assert.equal(proof(...lengths), undefined);
    assert.ok(proof(17));
  });
});
