/** Why it cannot start, as a sentence for the person at the terminal that says what to do. Printed without a stack; the exit code is 1. */
export class StartupProblem extends Error {
  override readonly name = 'StartupProblem';
}
