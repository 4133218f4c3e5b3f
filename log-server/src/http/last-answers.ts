import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Of one connection. */
type Last = { answer: ServerResponse | undefined };

/**
 * The last answer on each connection, as long as it is not sent, which is what a shutdown and an unreadable request have to
 * know. To listen for the end of each answer took a tenth of what a tile cost, so it is done for those alone that are not
 * complete when the server's listener returns.
 *
 * Answers don't come and go in a Map themselves: when that makes room, V8's table of what was in it refers to the next
 * table, and so on. Once one of them is old, all that come after it hold what was under way in their time until the next
 * full collection of garbage: that was nearly every request with its answer.
 */
export class LastAnswers {
  private readonly connections = new Map<Duplex, Last>();
  private ending = false;

  constructor(server: Pick<Server, 'on'>) {
    server.on('connection', (socket: Duplex) => {
      this.connections.set(socket, { answer: undefined });
      // Answers that wait for their turn are not told when the connection is gone.
      socket.once('close', () => this.connections.delete(socket));
    });
  }

  /** Before anything of it is made. */
  begin({ socket }: Pick<IncomingMessage, 'socket'>, response: ServerResponse): void {
    if (this.ending) response.shouldKeepAlive = false;
    const last = this.connections.get(socket);
    if (last !== undefined) last.answer = response;
  }

  /** When the listener is done with it, for now or for good. A connection on which nothing is under way keeps nothing in memory. */
  leave({ socket }: Pick<IncomingMessage, 'socket'>, response: ServerResponse): void {
    const last = this.connections.get(socket);
    if (last === undefined) return;
    const forget = (): void => {
      if (last.answer === response) last.answer = undefined;
    };
    if (response.writableFinished) forget();
    else response.once('close', forget);
  }

  /** Whether an answer has begun and is not yet sent, or one waits behind others: whatever were said now would be taken for its part. */
  isAnswering(socket: Duplex): boolean {
    const last = this.connections.get(socket)?.answer;
    // One that waits for its turn has no connection yet.
    return last !== undefined && !last.writableFinished && (last.headersSent || last.socket === null);
  }

  /** How many connections have an answer under way. */
  get size(): number {
    return this.underWay().length;
  }

  /** From now on each connection ends with the answer that is the last on it now, or that comes next. */
  endConnections(): void {
    this.ending = true;
    for (const response of this.underWay()) response.shouldKeepAlive = false;
  }

  private underWay(): ServerResponse[] {
    return Array.from(this.connections.values(), ({ answer }) => answer).filter((answer) => answer !== undefined);
  }
}
