import { connect, type Socket } from 'node:net';

/** One answer: its status and how long it took, in ms, from the moment at which the request was due. */
export type Answer = { readonly status: number; readonly ms: number; readonly body: Buffer };

/**
 * One keep-alive connection that speaks just enough HTTP/1.1 to load a server on the same machine: a general client
 * costs as much processor time as the server that it is to measure.
 */
export class Connection {
  private readonly socket: Socket;
  private received: Buffer = Buffer.alloc(0);
  private resolve: ((answer: Answer) => void) | undefined;
  private reject: ((error: Error) => void) | undefined;
  private due = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', (error) => this.reject?.(error));
    socket.on('close', () => this.reject?.(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  /** Sends one request, made by {@link request}. `due` is a `performance.now()`; waiting before the send counts too. */
  send(bytes: Buffer, due = performance.now()): Promise<Answer> {
    this.due = due;
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.socket.write(bytes);
    });
  }

  close(): void {
    this.reject = undefined;
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.received.toString('latin1', 0, end);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.reject?.(new Error(`an answer without a Content-Length: ${head}`));
      return;
    }
    const total = end + 4 + Number(length);
    if (this.received.length < total) return;
    const body = this.received.subarray(end + 4, total);
    this.received = this.received.subarray(total);
    const status = Number(head.slice(9, 12));
    this.resolve?.({ status, ms: performance.now() - this.due, body });
  }
}

export function request(method: string, path: string, headers: Record<string, string> = {}, body = ''): Buffer {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : '';
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`);
}
