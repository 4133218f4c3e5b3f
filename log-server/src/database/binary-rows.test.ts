import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { BackendMessages, BinaryClient, type Fields } from './binary-rows.ts';

function message(code: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(code, 'latin1'), length, body]);
}

function row(fields: Fields): Buffer {
  const count = Buffer.alloc(2);
  count.writeUInt16BE(fields.length);
  const parts = fields.map((field) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(field?.length ?? -1);
    return Buffer.concat([length, field ?? Buffer.alloc(0)]);
  });
  return message('D', Buffer.concat([count, ...parts]));
}

describe('BinaryClient', () => {
  /** As another version of pg might have it. */
  const without = (part: string): pg.ClientConfig => {
    const { connection } = new pg.Client();
    return { connection: Object.assign(connection, { [part]: undefined }) } as pg.ClientConfig;
  };

  it('is made where the driver is the one that it knows', () => {
    expect(new BinaryClient()).toBeInstanceOf(pg.Client);
  });

  it.each(['attachListeners', 'bind', 'query'])('is not made where the connection has no %s', (part) => {
    expect(() => new BinaryClient(without(part))).toThrow('this pg has other connections');
  });
});

describe('BackendMessages', () => {
  const rows: Fields[] = [
    [Buffer.from([0x80, 0xff, 0x00]), null],
    [Buffer.alloc(0), Buffer.from('DDDDDDDDDD')],
    [],
    [Buffer.alloc(300, 0x44), Buffer.alloc(7, 0xc3)],
  ];
  const [bound, described, done, ready] = [
    message('2', Buffer.alloc(0)),
    message('T', Buffer.alloc(40, 0x44)),
    message('C', Buffer.from('SELECT 4\0')),
    message('Z', Buffer.from('I')),
  ] as const;
  const first = Buffer.concat([bound, described, row(rows[0]!), row(rows[1]!), done, ready]);
  const second = Buffer.concat([bound, row(rows[2]!), message('N', Buffer.alloc(9)), row(rows[3]!), done, ready]);

  /** All that comes out of it, when `bytes` arrives in pieces. */
  function take(pieces: readonly Buffer[], wanted: (piece: number) => boolean) {
    const taken: Fields[] = [];
    const others: Buffer[] = [];
    let piece = 0;
    const messages = new BackendMessages(
      () => wanted(piece),
      (fields) => taken.push(fields.map((field) => field && Buffer.from(field))),
      (bytes) => others.push(Buffer.from(bytes)),
    );
    for (const bytes of pieces) {
      messages.take(bytes);
      piece++;
    }
    return { taken, others: Buffer.concat(others) };
  }

  it('takes the rows out, wherever what arrives is cut', () => {
    const others = Buffer.concat([bound, described, done, ready, bound, message('N', Buffer.alloc(9)), done, ready]);
    const all = Buffer.concat([first, second]);
    for (let cut = 0; cut <= all.length; cut++) {
      const pieces = [all.subarray(0, cut), all.subarray(cut)];
      expect(
        take(pieces, () => true),
        `cut at ${cut}`,
      ).toEqual({ taken: rows, others });
    }
    const bytes = Array.from(all, (byte) => Buffer.from([byte]));
    expect(take(bytes, () => true)).toEqual({ taken: rows, others });
  });

  it('hands everything on as it is while no rows are wanted, and still knows where a message begins', () => {
    for (let cut = 0; cut <= first.length; cut++) {
      const pieces = [first.subarray(0, cut), first.subarray(cut), second];
      const { taken, others } = take(pieces, (piece) => piece === 2);
      expect(taken, `cut at ${cut}`).toEqual(rows.slice(2));
      expect(others.subarray(0, first.length)).toEqual(first);
    }
  });
});
