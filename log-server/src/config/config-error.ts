/** A setting is wrong. The message is one sentence that says which, why, and what to do; the program ends with code 2. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}
