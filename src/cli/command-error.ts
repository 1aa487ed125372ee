// What a verb ends with when it cannot do what it was asked: one line for the person, and as a rule exit code 1.

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
