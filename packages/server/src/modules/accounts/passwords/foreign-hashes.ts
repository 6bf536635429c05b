/** `$id$`, as all newer schemes of crypt(3) begin, and the forms in which Django writes what it has. */
const cryptOrDjango = /^(?:\$[^$\s]+\$|(?:pbkdf2\w*|scrypt|argon2\w*|bcrypt\w*|sha\d+|md5\w*|unsalted_\w+|crypt|plain)\$[^$\s]*\$\S)/i;

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
  // What hashcat reads, and GRUB.
  /^(?:sha\d+|md5|pbkdf2\w*):\d+:\S+:\S+$/i,
  /^scrypt:\d+:\d+:\d+:\S+:\S+$/i,
  /^grub\.pbkdf2\.\w+\.\d+\./i,
  // BSDi's extended DES: a mark, up to 4,095 rounds and salt, and the digest.
  /^_[./A-Za-z\d]{2}\.\.[./A-Za-z\d]{15}$/,
  // A digest in hexadecimal and its salt, as web shops and forums keep them.
  /^[\da-f]{32}(?:[\da-f]{8}|[\da-f]{32}){0,3}:\S{1,64}$/i,
  // Django's mark of an account without a password.
  /^![A-Za-z\d]{40}$/,
];

/** Written before the hash of a locked account, or instead of one: by passwd(1), usermod(8), and Solaris. */
const locked = /^(?:\*LK\*|!\*|!{1,2}|\*{1,2})/;
const lockedAlone = /^(?:!{1,2}|\*{1,2}|!\*|\*LK\*|\*NP\*)$/;

/**
 * crypt(3) of DES has no mark of its own, and a quarter of all passwords of thirteen random letters and digits have its form:
 * only behind a name or a lock is it taken for a hash.
 */
const desCrypt = /^[./A-Za-z\d]{13}$/;

const isHash = (text: string): boolean => cryptOrDjango.test(text) || others.some((form) => form.test(text));

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
    if (mark === undefined) return false;
    const rest = one.slice(mark.length);
    return isHash(rest) || isKnown(rest) || desCrypt.test(rest);
  };
  if (isHash(text) || isLocked(text) || lockedAlone.test(text) || lines.some((form) => form.test(text))) return true;
  // A name, a colon and a hash, as htpasswd and exports write it; what follows a second colon is of no matter.
  const content = /^[^:\s]{1,255}:(.+)$/s.exec(text)?.[1];
  if (content === undefined) return false;
  return [content, content.split(":", 1)[0]!].some((one) => isKnown(one) || isHash(one) || isLocked(one) || desCrypt.test(one));
};
