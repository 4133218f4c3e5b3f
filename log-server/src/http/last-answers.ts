import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The last answer on each connection, as long as it is not sent, which is what a shutdown and an unreadable request have to
 * know. To listen for the end of each answer took a tenth of what a tile cost, so it is done for those alone that are not
 * complete when the server's listener returns.
 */
export class LastAnswers {
  private readonly answers = new Map<Duplex, ServerResponse>();
  private ending = false;

  constructor(server: Pick<Server, 'on'>) {
    // Answers that wait for their turn are not told when the connection is gone.
    server.on('connection', (socket: Duplex) => socket.once('close', () => this.answers.delete(socket)));
  }

  /** Before anything of it is made. */
  begin({ socket }: Pick<IncomingMessage, 'socket'>, response: ServerResponse): void {
    if (this.ending) response.shouldKeepAlive = false;
    this.answers.set(socket, response);
  }

  /** When the listener is done with it, for now or for good. A connection on which nothing is under way keeps nothing in memory. */
  leave({ socket }: Pick<IncomingMessage, 'socket'>, response: ServerResponse): void {
    const forget = (): void => {
      if (this.answers.get(socket) === response) this.answers.delete(socket);
    };
    if (response.writableFinished) forget();
    else response.once('close', forget);
  }

  /** Whether an answer has begun and is not yet sent, or one waits behind others: whatever were said now would be taken for its part. */
  isAnswering(socket: Duplex): boolean {
    const last = this.answers.get(socket);
    // One that waits for its turn has no connection yet.
    return last !== undefined && !last.writableFinished && (last.headersSent || last.socket === null);
  }

  /** How many connections have an answer under way. */
  get size(): number {
    return this.answers.size;
  }

  /** From now on each connection ends with the answer that is the last on it now, or that comes next. */
  endConnections(): void {
    this.ending = true;
    for (const response of this.answers.values()) response.shouldKeepAlive = false;
  }
}
