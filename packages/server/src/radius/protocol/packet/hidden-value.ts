import { headerLength, maxValueLength, type RadiusPacket } from "./packet.ts";
import { keyStreamOf, type SharedSecret } from "./shared-secret.ts";

const blockLength = 16;
/** The longest password that User-Password carries (RFC 2865 §5.2), in octets. */
export const maxPasswordLength = 128;

/** XORs blocks of 16 octets with the chained key stream; the chain is the hidden side of the previous block. */
const chain = (
  input: Buffer,
  first: { readonly seed: Buffer; readonly salt?: Buffer },
  secret: Pick<SharedSecret, "bytes">,
  isHiding: boolean,
): Buffer => {
  const output = Buffer.allocUnsafe(input.length);
  for (let at = 0; at < input.length; at += blockLength) {
    const hidden = isHiding ? output : input;
    const stream = at === 0 ? keyStreamOf(secret, first.seed, first.salt) : keyStreamOf(secret, hidden.subarray(at - blockLength, at));
    for (let index = 0; index < blockLength; index += 1) output[at + index] = input[at + index]! ^ stream[index]!;
  }
  return output;
};

const padded = (bytes: Buffer, least: number): Buffer => {
  const length = Math.max(least, Math.ceil(bytes.length / blockLength) * blockLength);
  const block = Buffer.alloc(length);
  bytes.copy(block);
  return block;
};

/** Hides a password of up to 128 octets for a request with the given authenticator (RFC 2865 §5.2); longer is a RangeError. */
export const hidePassword = (password: Buffer, requestAuthenticator: Buffer, secret: SharedSecret): Buffer => {
  if (password.length > maxPasswordLength) throw new RangeError(`A password has at most ${maxPasswordLength} octets in RADIUS.`);
  return chain(padded(password, blockLength), { seed: requestAuthenticator }, secret, true);
};

/**
 * The password that a User-Password value hides, without its padding; undefined where the value has no length that hiding
 * makes: 16 to 128 octets in steps of 16, or none, which some equipment sends for an empty password.
 */
export const revealPassword = (hidden: Buffer, request: RadiusPacket, secret: SharedSecret): Buffer | undefined => {
  if (hidden.length % blockLength !== 0 || hidden.length > maxPasswordLength) return undefined;
  const clear = chain(hidden, { seed: request.bytes.subarray(4, headerLength) }, secret, false);
  let end = clear.length;
  while (end > 0 && clear[end - 1] === 0) end -= 1;
  return clear.subarray(0, end);
};

/** What salt and length leave of an attribute for a salted value, in whole blocks (RFC 2868 §3.5). */
const maxSaltedLength = Math.floor((maxValueLength - 3) / blockLength) * blockLength - 1;

/**
 * Hides a value under a salt of two octets, as Tunnel-Password (RFC 2868 §3.5) and the MPPE keys (RFC 2548 §2.4.2) have it:
 * the salt, then length and value, padded and hidden. The salt's first bit is set; each in a packet must differ.
 */
export const hideSalted = (value: Buffer, salt: number, requestAuthenticator: Buffer, secret: Pick<SharedSecret, "bytes">): Buffer => {
  if (value.length > maxSaltedLength) throw new RangeError(`A salted value has at most ${maxSaltedLength} octets.`);
  const saltOctets = Buffer.from([0x80 | ((salt >> 8) & 0x7f), salt & 0xff]);
  const clear = padded(Buffer.concat([Buffer.from([value.length]), value]), blockLength);
  return Buffer.concat([saltOctets, chain(clear, { seed: requestAuthenticator, salt: saltOctets }, secret, true)]);
};

/** The value that `hideSalted` hid; undefined where lengths or salt do not fit. */
export const revealSalted = (hidden: Buffer, requestAuthenticator: Buffer, secret: SharedSecret): Buffer | undefined => {
  const body = hidden.subarray(2);
  if (body.length < blockLength || body.length % blockLength !== 0 || (hidden[0]! & 0x80) === 0) return undefined;
  const clear = chain(body, { seed: requestAuthenticator, salt: hidden.subarray(0, 2) }, secret, false);
  const length = clear[0]!;
  return length < clear.length ? clear.subarray(1, 1 + length) : undefined;
};
