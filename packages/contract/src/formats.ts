import { countryCodes } from "./countries.ts";
import { parseHostName } from "./host-name.ts";
import { parseInstant } from "./instant.ts";
import { parseNetwork } from "./network-address.ts";

/** A string format: what fits, and the sentence that says what would. */
export interface Format {
  readonly test: (value: string) => boolean;
  readonly sentence: string;
}

/** Longer texts are refused unread: normalizing one can take time that grows with the square of its length. */
const maxTested = 2_100;
const within = (length: number, test: (value: string) => boolean) => (value: string) => value.length <= length && test(value);

const emptyOr = (test: (value: string) => boolean) => (value: string) => value === "" || test(value);

const username = /^(?:[\p{L}\p{Nd}]\p{M}*|[@.+\-_:/|])+$/u;
// Deliberately loose: one @, no spaces, a dot-separated domain. Whether mail arrives is the only real test.
const email = /^[^\s@<>()[\]\\,;:"]+@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+$/u;
const slug = /^(?=.*[a-z_-])[a-z0-9_-]+$/;
const shortName = /^[A-Za-z0-9._-]+$/;
// RFC 2868 tags go from 1 to 31; 0 is FreeRADIUS' way to say that there is none.
const attributeName = /^[A-Za-z0-9./-]{1,128}(?::(?:[0-9]|[12][0-9]|3[01]))?$/;
const utf8 = new TextEncoder();
const locale = /^[A-Za-z]{2,3}(?:[_-][A-Za-z]{4})?(?:[_-](?:[A-Za-z]{2}|\d{3}))?$/;

const isCalendarDate = (value: string): boolean => {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
};

const isHttpUrl = (value: string): boolean => {
  if (!/^https?:\/\//i.test(value) || /[\s\p{Cc}]/u.test(value)) return false;
  return URL.canParse(value);
};

/** Every format that a schema of this contract names. */
export const formats = {
  username: {
    test: within(300, (value) => value !== "." && value !== ".." && username.test(value.normalize("NFC"))),
    sentence: "Use letters, digits and @ . + - _ : / | only, and not . or .. alone.",
  },
  email: { test: emptyOr(within(320, (value) => email.test(value))), sentence: "Enter an e-mail address, such as name@example.com." },
  url: { test: emptyOr(within(maxTested, isHttpUrl)), sentence: "Enter a URL that begins with http:// or https://." },
  instant: {
    test: emptyOr(within(60, (value) => parseInstant(value) !== undefined)),
    sentence: "Enter a time in ISO 8601, such as 2024-01-15T10:30:00Z or 2024-01-15.",
  },
  date: { test: isCalendarDate, sentence: "Enter a real calendar date as YYYY-MM-DD." },
  country: {
    test: (value) => /^[A-Za-z]{2}$/.test(value) && countryCodes.has(value.toUpperCase()),
    sentence: "Enter a two-letter ISO 3166-1 country code, such as US.",
  },
  locale: { test: within(20, (value) => locale.test(value)), sentence: "Enter a locale such as en, en_US or zh_Hans_CN." },
  slug: {
    test: within(300, (value) => slug.test(value)),
    sentence: "Use lower-case letters, digits, - and _, with at least one that is not a digit.",
  },
  realm: {
    test: within(253, (value) => /^[^@\\\s\p{Cc}]+$/u.test(value)),
    sentence: "Enter a realm as it stands in names: up to 253 characters without @, \\ and spaces.",
  },
  short_name: { test: (value) => shortName.test(value), sentence: "Use letters, digits and . _ - only." },
  attribute_name: {
    test: (value) => attributeName.test(value),
    sentence: "Enter the name of a RADIUS attribute: 1-128 letters, digits and - . /, perhaps with a tag such as :1.",
  },
  // RFC 2865 §5: an attribute has one octet of length, and 253 of them are left for the value.
  attribute_value: { test: (value) => utf8.encode(value).length <= 253, sentence: "Use at most 253 bytes." },
  network: {
    test: within(60, (value) => parseNetwork(value) !== undefined),
    sentence: "Enter an IPv4 or IPv6 address, or a range whose bits beyond the length are 0, such as 192.0.2.0/24.",
  },
  network_or_name: {
    test: within(254, (value) => parseNetwork(value) !== undefined || parseHostName(value) !== undefined),
    sentence:
      "Enter an IPv4 or IPv6 address, a range whose bits beyond the length are 0, such as 192.0.2.0/24, or a DNS name, such as ap.example.net.",
  },
  ip_address: {
    test: emptyOr(within(60, (value) => !value.includes("/") && parseNetwork(value) !== undefined)),
    sentence: "Enter an IPv4 or IPv6 address, such as 192.0.2.10.",
  },
  digits: { test: (value) => /^\d{1,15}$/.test(value), sentence: "Enter an id: an integer or a string of digits." },
} as const satisfies Record<string, Format>;
