/** The server is started with an identity that is not this database's. */
export class WrongLog extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongLog';
  }
}
