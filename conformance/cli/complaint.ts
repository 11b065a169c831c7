/** A fault in what the user gave, said in one line. */
import type { ExitCode } from '../verdict/exit-code.ts';

/** Ends the command with one line on standard error and the given status; no stack trace. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly exit: ExitCode;
  constructor(exit: ExitCode, message: string) {
    super(message);
    this.exit = exit;
  }
}
