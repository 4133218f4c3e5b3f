import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import pg from 'pg';

/**
 * What pg lacks for `binary: true`: it decodes every value as UTF-8, so that no bytes come through. Without it a bytea comes as
 * hexadecimal text, twice as long, which both sides spend more on than on reading what is in it.
 *
 * Between the socket and pg's parser stands a reader of message headers (PostgreSQL, "Message Formats": a letter, and a
 * length that counts itself). While a query that was bound with `binary` runs, it takes out the rows, whose values go to the
 * parsers as Buffers; everything else goes on to pg's own. A value is a view of what came from the socket: whoever keeps
 * it copies it.
 */
export class BinaryClient extends pg.Client {
  constructor({ answerTimeoutMs = 0, ...config }: BinaryClientConfig = {}) {
    super(config);
    const connection = this.connection as pg.Connection & Partial<Listening>;
    const { attachListeners, bind, query } = connection;
    // Parts of pg that it does not promise: the version that changes them has to fail here, not in what is read.
    if (attachListeners === undefined || bind === undefined || query === undefined) {
      throw new Error('this pg has other connections');
    }
    let isBinary = false;
    const awaited = answerTimeoutMs === 0 ? undefined : new AwaitedAnswer(connection, answerTimeoutMs);
    connection.bind = (order, more) => {
      awaited?.begin();
      isBinary = Boolean(order?.binary);
      bind.call(connection, order, more);
    };
    connection.query = (text) => {
      awaited?.begin();
      query.call(connection, text);
    };
    // Before the client's own listener, which may send the next query at once.
    connection.on('readyForQuery', () => {
      isBinary = false;
      awaited?.end();
    });
    connection.attachListeners = (stream) => {
      const others = new EventEmitter();
      const messages = new BackendMessages(
        () => isBinary,
        (fields) => connection.emit('dataRow', { name: 'dataRow', fields }),
        (bytes) => others.emit('data', bytes),
      );
      stream.on('data', (chunk: Buffer) => messages.take(chunk));
      stream.on('end', () => others.emit('end'));
      attachListeners.call(connection, others);
    };
  }
}

export type BinaryClientConfig = pg.ClientConfig & {
  /** How long a query may be without its answer before the connection is given up; 0 is for ever. */
  readonly answerTimeoutMs?: number;
};

/**
 * Gives a connection up on which an answer does not come. The queries on it fail, and a pool makes another one in its place,
 * where the next query would wait behind the one that hangs: behind a network that silently drops everything, for hours.
 *
 * pg's own `query_timeout` makes a timer and three functions for each query, which outlived most collections of garbage, and
 * with them the query and all that it answered.
 */
class AwaitedAnswer {
  private readonly timer: NodeJS.Timeout;
  private isAwaited = false;

  /** @param connection whose stream becomes another one when it is encrypted */
  constructor(connection: Pick<pg.Connection, 'stream'>, ms: number) {
    this.timer = setTimeout(() => {
      if (this.isAwaited) connection.stream.destroy(new Error(ANSWER_TIMEOUT));
    }, ms);
    // The connection keeps the process up itself, as long as it is open.
    this.timer.unref();
  }

  begin(): void {
    this.isAwaited = true;
    this.timer.refresh();
  }

  end(): void {
    this.isAwaited = false;
  }
}

/** As pg says it. */
const ANSWER_TIMEOUT = 'Query read timeout';

type Listening = { attachListeners(stream: Duplex | EventEmitter): void };

const DATA_ROW = 0x44; // 'D'
const HEADER_BYTES = 5;
const NOTHING = Buffer.alloc(0);

export type Fields = (Buffer | null)[];

/** Takes the rows out of a stream of messages, in order, as long as they are wanted. */
export class BackendMessages {
  private readonly wantsRows: () => boolean;
  private readonly onRow: (fields: Fields) => void;
  private readonly onOthers: (bytes: Buffer) => void;
  /** The beginning of a header, or of a row that is wanted. */
  private held: Buffer = NOTHING;
  /** How much is still to come of a message that goes on. */
  private toCome = 0;

  constructor(wantsRows: () => boolean, onRow: (fields: Fields) => void, onOthers: (bytes: Buffer) => void) {
    this.wantsRows = wantsRows;
    this.onRow = onRow;
    this.onOthers = onOthers;
  }

  take(chunk: Buffer): void {
    const rest = this.held.length < HEADER_BYTES ? chunk : this.endRow(chunk);
    const bytes = this.held.length === 0 ? rest : Buffer.concat([this.held, rest]);
    // One query runs at a time, so what comes at once is all of one kind.
    const wantsRows = this.wantsRows();
    let from = 0;
    let at = Math.min(this.toCome, bytes.length);
    this.toCome -= at;
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (wantsRows && bytes[at] === DATA_ROW) {
        if (end > bytes.length) break;
        if (at > from) this.onOthers(bytes.subarray(from, at));
        this.onRow(readFields(bytes.subarray(at + HEADER_BYTES, end)));
        from = end;
      }
      this.toCome = Math.max(0, end - bytes.length);
      at = end - this.toCome;
    }
    this.held = bytes.subarray(at);
    if (at > from) this.onOthers(bytes.subarray(from, at));
  }

  /**
   * What is held is a row, from its header on. Takes what is missing of it, if that came, and returns what comes after: to put
   * all of a chunk behind it would copy 64 KiB for the end of one row.
   */
  private endRow(chunk: Buffer): Buffer {
    const missing = 1 + this.held.readUInt32BE(1) - this.held.length;
    if (chunk.length < missing) return chunk;
    const row = Buffer.concat([this.held, chunk.subarray(0, missing)]);
    this.held = NOTHING;
    this.onRow(readFields(row.subarray(HEADER_BYTES)));
    return chunk.subarray(missing);
  }
}

/** The body of a DataRow: how many values, and each with its length in front, −1 for a null. */
function readFields(body: Buffer): Fields {
  const fields: Fields = new Array(body.readUInt16BE(0));
  let at = 2;
  for (let i = 0; i < fields.length; i++) {
    const length = body.readInt32BE(at);
    at += 4;
    fields[i] = length < 0 ? null : body.subarray(at, at + length);
    at += Math.max(0, length);
  }
  return fields;
}
