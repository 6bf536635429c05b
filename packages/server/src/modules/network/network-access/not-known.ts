import { DomainError } from "../../../kernel/errors.ts";
import type { Lookup } from "./account-lookup.ts";

/** Nothing was decided: what a decision rests on changed each time that it was read. Nobody is answered; who asks again is. */
export class NotKnown extends DomainError {
  readonly found: { readonly account: Lookup };

  constructor(found: { readonly account: Lookup }) {
    super("server.unavailable", "What the decision rests on changed each time that it was read. Try again.");
    this.found = { account: found.account };
  }
}
