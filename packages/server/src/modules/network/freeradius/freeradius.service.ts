import { grants } from "@gatehouse-aaa/contract";
import type { Credential } from "../../../aaa/words/access-request.ts";
import { type AttributeValues, firstOf } from "../../../aaa/words/attributes.ts";
import type { Caller } from "../../../kernel/caller.ts";
import { DomainError } from "../../../kernel/errors.ts";
import { sees } from "../../../kernel/tenant-scope.ts";
import type { AaaClient, ServedClients } from "../aaa-clients/index.ts";
import { type NetworkAccess, type PostAuth, type RequestSpelling, spelled } from "../network-access/index.ts";
import type { Accounting } from "../sessions/index.ts";
import {
  type AnsweredAttribute,
  bytesOf,
  clientFor,
  controlFor,
  type FreeradiusList,
  rawValues,
  readAttributes,
  replyFor,
} from "./freeradius.view.ts";

export interface FreeradiusDependencies {
  readonly table: ServedClients;
  readonly access: NetworkAccess & PostAuth;
  readonly accounting: Accounting;
  readonly clock: { nowMs(): number };
  /** How profiles spell the attributes that a request is compared with. */
  readonly spelling: RequestSpelling;
  /** A packet of a client arrived. */
  noteContact(client: AaaClient, atMs: number): void;
}

export type FreeradiusService = ReturnType<typeof createFreeradiusService>;

/** Attributes of credentials that FreeRADIUS verifies itself, with the reversible secret. */
const deferredAttributes = ["CHAP-Password", "MS-CHAP-Challenge", "EAP-Message", "Digest-Response", "ARAP-Password"];

const credentialOf = (list: FreeradiusList): Credential => {
  const [password] = rawValues(list, "User-Password");
  if (password !== undefined) return { method: "pap", password: bytesOf(password) };
  return deferredAttributes.some((name) => Object.hasOwn(list, name)) ? { method: "deferred" } : { method: "none" };
};

/** Answers FreeRADIUS, whose rlm_rest hands on the requests of equipment: by the same functions as the RADIUS listeners. */
export const createFreeradiusService = ({ table, access, accounting, clock, spelling, noteContact }: FreeradiusDependencies) => {
  const clientAt = (caller: Caller, address: string): AaaClient => {
    const seen = table.sourceOf(address).clients.filter((client) => sees(caller.scope, client.organizationId));
    // FreeRADIUS has one secret for an address: where several clients share the address, a token must see exactly one of them.
    if (seen.length === 1) return seen[0]!;
    throw new DomainError("aaa_client.not_found", "No AAA client that this token sees has the address that the packet came from.");
  };

  /** The client whose packet FreeRADIUS hands on; 404 where it is unknown, or out of the token's sight. */
  const clientOf = (caller: Caller, attributes: AttributeValues): { client: AaaClient; address: string } => {
    const address = firstOf(attributes, "Packet-Src-IP-Address") ?? firstOf(attributes, "Packet-Src-IPv6-Address");
    if (address === undefined) {
      throw new DomainError("aaa_client.not_found", "The request names no AAA client: add Packet-Src-IP-Address to the request list.");
    }
    return { client: clientAt(caller, address), address };
  };

  return {
    /** What FreeRADIUS needs to accept packets from an address, with the shared secret in clear. */
    describeClient(caller: Caller, address: string): Record<string, AnsweredAttribute> {
      return clientFor(clientAt(caller, address), address);
    },

    async authorize(caller: Caller, list: FreeradiusList): Promise<Record<string, AnsweredAttribute>> {
      const attributes = spelled(readAttributes(list), spelling);
      const { client } = clientOf(caller, attributes);
      noteContact(client, clock.nowMs());
      const userName = firstOf(attributes, "User-Name") ?? "";
      const credential = credentialOf(list);
      // Checked before anything is decided: a token that may not read the secret must not cause an accept either.
      if (credential.method === "deferred" && !grants(caller.scopes, "radius:credentials")) {
        throw new DomainError(
          "request.forbidden",
          "FreeRADIUS verifies CHAP, MS-CHAP and EAP itself and needs the user's password for it: give its token the scope radius:credentials, by name.",
        );
      }
      const answer = await access.authorize({
        client,
        source: "freeradius",
        userName,
        credential,
        attributes,
        isWanted: caller.isWaiting,
      });
      if (answer.outcome === "reject") {
        return { ...controlFor("Auth-Type", "Reject"), ...replyFor([{ attribute: "Reply-Message", op: ":=", value: answer.message }]) };
      }
      const how = answer.secret === undefined ? controlFor("Auth-Type", "Accept") : controlFor("Cleartext-Password", answer.secret);
      return { ...how, ...replyFor(answer.reply) };
    },

    /** The result of a credential that FreeRADIUS verified itself; all others were verified here already. */
    async postAuth(caller: Caller, list: FreeradiusList, outcome: "accept" | "reject"): Promise<void> {
      const attributes = readAttributes(list);
      const { client } = clientOf(caller, attributes);
      noteContact(client, clock.nowMs());
      if (credentialOf(list).method !== "deferred") return;
      const userName = firstOf(attributes, "User-Name") ?? "";
      await access.conclude({ client, source: "freeradius", userName, attributes }, outcome);
    },

    async account(caller: Caller, list: FreeradiusList): Promise<void> {
      const attributes = readAttributes(list);
      const { client, address: sourceAddress } = clientOf(caller, attributes);
      await accounting.account({ client, sourceAddress, attributes, receivedAtMs: clock.nowMs() });
    },
  };
};
