// What a verb ends with when it cannot do what it was asked: one line for the person, exit code 1.

export class CommandError extends Error {
  override readonly name = 'CommandError';
}
