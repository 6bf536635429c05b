/** The rotations of the three rounds, the order in which each takes the words of a block, and its constant. */
const rounds = [
  { shifts: [3, 7, 11, 19], order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], constant: 0 },
  { shifts: [3, 5, 9, 13], order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15], constant: 0x5a827999 },
  { shifts: [3, 9, 11, 15], order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15], constant: 0x6ed9eba1 },
] as const;

const mixes: readonly ((x: number, y: number, z: number) => number)[] = [
  (x, y, z) => (x & y) | (~x & z),
  (x, y, z) => (x & y) | (x & z) | (y & z),
  (x, y, z) => x ^ y ^ z,
];

/**
 * MD4 (RFC 1320), which Windows' NT hashes are made by. OpenSSL 3 keeps it in a provider that Node does not load; nothing
 * but imported NT hashes depends on it.
 */
export const md4 = (message: Buffer): Buffer => {
  const padded = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  message.copy(padded);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - 8);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < padded.length; at += 64) addBlock(state, padded, at);
  const digest = Buffer.alloc(16);
  for (const [index, word] of state.entries()) digest.writeInt32LE(word, 4 * index);
  return digest;
};

const addBlock = (state: Int32Array, message: Buffer, at: number): void => {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (const [index, { shifts, order, constant }] of rounds.entries()) {
    const mix = mixes[index]!;
    for (const [step, word] of order.entries()) {
      const sum = (a + mix(b, c, d) + message.readInt32LE(at + 4 * word) + constant) | 0;
      const shift = shifts[step % 4]!;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    }
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
};
