/** A command cannot do what was asked; the message says what to do instead. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
}
