export interface BannerFacts {
  /** Where the server listens, as a URL without a path. */
  readonly address: string;
  /** The first token, where nobody has been shown it yet. */
  readonly token: string | undefined;
  /** Whether the token of GATEHOUSE_BOOTSTRAP_TOKEN works, or is ignored because there was another one before. */
  readonly bootstrap: "unset" | "works" | "ignored";
  readonly demo: "loaded" | "refused" | "none";
  readonly database: string;
}

/** What a person reads when the server has started: where things are, and a request to paste. */
export const banner = ({ address, token, bootstrap, demo, database }: BannerFacts): string => {
  const secret = token ?? (bootstrap === "works" ? "$GATEHOUSE_BOOTSTRAP_TOKEN" : "<your token>");
  const notes = [
    demo === "loaded" ? "The demo world is loaded: try the accounts john_doe, jane_smith and john.smith." : "",
    demo === "refused"
      ? "The demo world was not loaded: that is done by itself on SQLite alone. To load it here, run: npx --no -- gatehouse demo"
      : "",
    bootstrap === "ignored"
      ? "GATEHOUSE_BOOTSTRAP_TOKEN is ignored: it makes the first token alone, and there was one before. Unset it, or make it work with a new database."
      : "",
    token === undefined && bootstrap !== "works"
      ? "The token was shown at the first start. For another one, run: npx --no -- gatehouse token create --name <name>"
      : "",
    token !== undefined ? "This token has all rights and is shown this once; only its hash is kept." : "",
  ].filter((line) => line !== "");
  return `
  Gatehouse is ready (${database}).

    API       ${address}/api/v1/
    Swagger   ${address}/swagger/
    Health    ${address}/healthz

  Try it:

    curl -H "Authorization: Bearer ${secret}" "${address}/api/v1/user_token/?balance=true&limit=10"

${notes.map((line) => `  ${line}\n`).join("")}
`;
};
