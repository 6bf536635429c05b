/** Ten milliseconds of one core, or a hash of today's kind. */
const ofToday = { argon2KibPasses: 19_456 * 2, bcryptCost: 7.5, pbkdf2Iterations: 25_000, shaCryptRounds: 10_000 } as const;
/** Schemes whose price cannot be read off: the dearest that is accepted. */
const unknown = 20;

/**
 * What it costs to verify a password against a stored hash, in hashes of today's kind, as far as its text tells: who
 * imported dear hashes pays for them, and nobody else.
 */
export const priceOf = (storedHash: string): number => {
  const [, scheme = "", first = "", second = ""] =
    /^[$]?([^$]*)[$]([^$]*)[$]?([^$]*)/.exec(storedHash.replace(/^bcrypt_sha256[$]/, "")) ?? [];
  switch (scheme) {
    case "argon2id":
    case "argon2i":
    case "argon2d": {
      const [, memoryKib = 0, passes = 0] = /m=(\d+),t=(\d+)/.exec(`${first}$${second}`) ?? [];
      return (Number(memoryKib) * Number(passes)) / ofToday.argon2KibPasses;
    }
    case "2a":
    case "2b":
    case "2x":
    case "2y":
      return 2 ** (Number(first) - ofToday.bcryptCost);
    case "pbkdf2_sha256":
      return Number(first) / ofToday.pbkdf2Iterations;
    case "5":
    case "6":
      return Number(/^rounds=(\d+)$/.exec(first)?.[1] ?? 5_000) / ofToday.shaCryptRounds;
    case "y":
    case "gy":
    case "7":
      return unknown;
    default:
      return 0;
  }
};
