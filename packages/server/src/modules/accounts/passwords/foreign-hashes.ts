/** `$id$`, as all newer schemes of crypt(3) begin, and the forms in which Django writes what it has. */
const cryptOrDjango = /^(?:\$[^$\s]{1,64}\$|(?:pbkdf2_\w+|scrypt|argon2|bcrypt|sha1|md5|unsalted_\w+|crypt)\$[^$\s]*\$\S)/;

/** What other programs keep: each is too long and too regular for anybody to type. */
const others: readonly RegExp[] = [
  // Werkzeug (Flask).
  /^(?:pbkdf2|scrypt):[\w:]+\$[^$\s]+\$[\da-f]{16,}$/,
  // PostgreSQL's verifiers, the old one with MD5.
  /^SCRAM-SHA-\d+\$\d+:\S+\$\S+:\S+$/,
  /^md5[\da-f]{32}$/,
  // MySQL's and MariaDB's mysql_native_password.
  /^\*[\da-f]{40}$/i,
  // Microsoft SQL Server's PWDCOMPARE, and Oracle's verifiers.
  /^0x0[12]00[\da-f]{48,136}$/i,
  /^S:[\da-f]{60};/i,
  // ASP.NET Core Identity: base64 of a version, three numbers, salt and key.
  /^AQAAAA[A-Za-z\d+/]{40,}={0,2}$/,
  // A digest in hexadecimal and its salt, as web shops and forums keep them.
  /^[\da-f]{32}(?:[\da-f]{8}|[\da-f]{32}){0,3}:\S{1,64}$/i,
  // Django's mark of an account without a password.
  /^![A-Za-z\d]{40}$/,
];

/** Written before the hash of a locked account, or instead of one: by passwd(1), usermod(8), and Solaris. */
const locked = /^(?:\*LK\*|!\*|!{1,2}|\*{1,2})/;
const lockedAlone = /^(?:!{1,2}|\*{1,2}|!\*|\*LK\*|\*NP\*)$/;

/** BSDi's extended DES has a mark of one character, then rounds and salt of four each, and the digest. */
const desCharacters = /^(?:[./A-Za-z\d]{13}|_[./A-Za-z\d]{19})$/;
/** Thirteen characters hold 78 bits, and DES makes 64 of them after 12 of salt: the last two of the last character are 0. */
const desEnd = /[.26AEIMQUYcgkosw]$/;
/** A random text is of some nine runs of capitals, of small letters, and of the rest: 96 of 100 hashes have six. */
const fewestRuns = 6;

/**
 * crypt(3) of DES, which has no mark of its own: two characters of salt and eleven of the digest. People write words and
 * numbers in thirteen characters, too, and these have fewer runs.
 */
const isDesCrypt = (text: string): boolean =>
  desCharacters.test(text) && desEnd.test(text) && text.match(/[A-Z]+|[a-z]+|[^A-Za-z]+/g)!.length >= fewestRuns;

const isHash = (text: string): boolean => cryptOrDjango.test(text) || isDesCrypt(text) || others.some((form) => form.test(text));

/** The lines of passwd(5), shadow(5), BSD's master.passwd(5) and Samba's smbpasswd(5) by the numbers that stand in them. */
const lines: readonly RegExp[] = [
  /^[^:\s]+:[^:]*:\d+:\d+:[^:]*:[^:]*:[^:]*$/,
  /^[^:\s]+:[^:]*(?::-?\d*){7}$/,
  /^[^:\s]+:[^:]*:\d+:\d+:[^:]*:\d+:\d+:[^:]*:[^:]*:[^:]*$/,
  /^[^:\s]+:\d+:[\dA-FX*]{32}:[\dA-FX*]{32}:/i,
  // htdigest: a name, a realm and MD5 in hexadecimal.
  /^[^:\s]+:[^:]+:[\da-f]{32}$/,
];

/**
 * Whether a text is a hash, or the line of a password file, that somebody else's program made and that is not understood
 * here. `isKnown` says whether a text begins like one that is.
 */
export const isForeignHash = (text: string, isKnown: (text: string) => boolean): boolean => {
  const isLocked = (one: string): boolean => {
    const mark = locked.exec(one)?.[0];
    return mark !== undefined && (isHash(one.slice(mark.length)) || isKnown(one.slice(mark.length)));
  };
  if (isHash(text) || isLocked(text) || lockedAlone.test(text) || lines.some((form) => form.test(text))) return true;
  // A name, a colon and a hash, as htpasswd and exports write it; what follows a second colon is of no matter.
  const content = /^[^:\s]{1,255}:(.+)$/s.exec(text)?.[1];
  if (content === undefined) return false;
  return [content, content.split(":", 1)[0]!].some((one) => isKnown(one) || isHash(one) || isLocked(one));
};
