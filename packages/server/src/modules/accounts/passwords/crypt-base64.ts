const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Bytes as crypt(3) writes them: taken in the given order, three a group, six bits a character, the last of a group first. */
export const inCryptBase64 = (bytes: Buffer, order: readonly number[]): string => {
  let text = "";
  for (let at = 0; at < order.length; at += 3) {
    const group = order.slice(at, at + 3);
    let value = group.reduce((sum, index) => (sum << 8) | bytes[index]!, 0);
    for (let characters = Math.ceil((group.length * 8) / 6); characters > 0; characters -= 1) {
      text += alphabet[value & 63];
      value >>= 6;
    }
  }
  return text;
};
