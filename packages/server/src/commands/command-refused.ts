/** A command cannot do its work; the message says what to do instead. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
}
