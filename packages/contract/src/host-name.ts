const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads a DNS name as RFC 1123 writes it, in lower case and without the dot of the root. Undefined for anything else, and
 * for what ends in a number: that is an address that was mistyped.
 */
export const parseHostName = (text: string): string | undefined => {
  if (text.length > 254) return undefined;
  const name = text.toLowerCase().replace(/\.$/, "");
  const labels = name.split(".");
  if (name.length > 253 || !labels.every((one) => label.test(one)) || /^\d+$/.test(labels.at(-1)!)) return undefined;
  return name;
};
