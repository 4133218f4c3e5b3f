/** The key file must not be used as it is. The message says what to do, and never holds any of it. */
export class LogKeyRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogKeyRefused';
  }
}
