/** A URL says what cannot be; the message is the end of a sentence about the database. */
export class UnusableAddress extends Error {
  override readonly name = "UnusableAddress";
}

const modes = ["disable", "prefer", "require", "verify-ca", "verify-full", "no-verify"] as const;

/**
 * A URL with its TLS as the connections understand it: every mode that wants TLS checks the certificate and its name, apart
 * from `no-verify`. The driver does so too, and warns on standard error that it may not for ever. libpq's own meaning is had
 * with `uselibpqcompat=true`. Throws UnusableAddress for a mode that there is not.
 */
export const strictTls = (url: string): string => {
  const [, query = ""] = /^[^?#]*\?([^#]*)/.exec(url) ?? [];
  const asked = new URLSearchParams(query);
  const mode = asked.get("sslmode");
  if (mode !== null && !modes.some((known) => known === mode)) {
    throw new UnusableAddress(`the URL says sslmode=${mode}, and the modes are ${modes.join(", ")}`);
  }
  if (asked.get("uselibpqcompat") === "true") {
    if (mode === "no-verify") throw new UnusableAddress("the URL says sslmode=no-verify, which libpq calls require");
    if (mode === "verify-ca" && !asked.has("sslrootcert")) {
      throw new UnusableAddress("the URL says sslmode=verify-ca, and no sslrootcert=<file> of the authority");
    }
    return url;
  }
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=[&#]|$)/g, "$1verify-full");
};

const byNoCheck = "or go without the check by sslmode=no-verify";

const reasons: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|CERT_UNTRUSTED|INVALID_CA|CERT_SIGNATURE_FAILURE/,
    `no authority that is known here has signed its certificate. Name the file of its authority by sslrootcert=<file>, ${byNoCheck}`,
  ],
  [/CERT_HAS_EXPIRED/, `its certificate has expired. Renew it, ${byNoCheck}`],
  [/CERT_NOT_YET_VALID/, `its certificate is not valid yet. Look at both clocks, ${byNoCheck}`],
  [/ALTNAME_INVALID/, `its certificate is for another host. Name the host as its certificate does, ${byNoCheck}`],
  [/does not support SSL connections/, "it has no TLS. Switch it on there (ssl = on), or say sslmode=disable"],
  [/ERR_OSSL_|PEM/, "a certificate or key that the URL names is none. Give PEM files to sslrootcert, sslcert and sslkey"],
  [/ERR_SSL_|ERR_TLS_|EPROTO/, "no TLS connection comes about with it. Look at its ssl settings and certificates"],
];

/** Why no TLS connection came about; undefined where something else went wrong. */
export const tlsReason = (error: unknown): string | undefined => {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code = "", message } = one as NodeJS.ErrnoException;
    const reason = reasons.find(([pattern]) => pattern.test(code) || pattern.test(message));
    if (reason) return reason[1];
  }
  return undefined;
};
