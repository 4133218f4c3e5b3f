import { formatBundle, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { TiledLog } from './tiled-log.ts';

const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value);
const entries = (count: number) => Array.from({ length: count }, (_, i) => bytes(3, i));

/** `withheld` stands for 451. */
function logOf(files: Readonly<Record<string, Uint8Array | string>>) {
  const asked: string[] = [];
  const log = new TiledLog({
    name: 'the-log',
    read: async (path) => {
      asked.push(path);
      const file = files[path];
      if (file === undefined) return 'absent';
      return file === 'withheld' ? 'withheld' : typeof file === 'string' ? utf8Encode(file) : file;
    },
    close: async () => undefined,
  });
  return { log, asked };
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof CommandFailure ? `${error.kind}: ${error.message}` : error),
  );

describe('TiledLog', () => {
  it('reads checkpoint, tiles and bundles by their paths', async () => {
    const { log, asked } = logOf({
      checkpoint: 'a note',
      'tile/1/000.p/2': bytes(64),
      'tile/entries/x001/234.p/3': formatBundle(entries(3)),
    });
    expect(await log.checkpoint()).toBe('a note');
    expect(await log.tile(1, 0, 2)).toEqual(bytes(64));
    expect(await log.bundle(1234, 3)).toEqual(entries(3));
    expect(asked).toEqual(['checkpoint', 'tile/1/000.p/2', 'tile/entries/x001/234.p/3']);
  });

  it('takes what it needs of the full ones where the partial ones are gone', async () => {
    const { log } = logOf({
      'tile/0/000': Uint8Array.from({ length: 256 * 32 }, (_, i) => i),
      'tile/entries/000': formatBundle(entries(256)),
    });
    expect(await log.tile(0, 0, 2)).toEqual(Uint8Array.from({ length: 64 }, (_, i) => i));
    expect(await log.bundle(0, 2)).toEqual(entries(2));
  });

  it('finds the checkpoint that a log says its witnesses cosigned', async () => {
    const about = '{"origin":"o","witnesses":{"witnessed":{"size":3,"checkpoint":"a cosigned note"}}}';
    expect(await logOf({ 'api/v1/log': about }).log.witnessedCheckpoint()).toBe('a cosigned note');
    for (const files of [{}, { 'api/v1/log': '{"witnesses":{}}' }, { 'api/v1/log': 'no json' }]) {
      expect(await logOf(files).log.witnessedCheckpoint()).toBeUndefined();
    }
  });

  it('asks for the others one by one where a bundle is withheld', async () => {
    const { log } = logOf({
      'tile/entries/000.p/3': 'withheld',
      'api/v1/entries/0': 'a',
      'api/v1/entries/1': 'withheld',
    });
    expect(await log.bundle(0, 3)).toEqual([utf8Encode('a'), undefined, undefined]);
  });

  it('believes a copy that lists what it leaves out, also further on in the bundle', async () => {
    const withheld = '{"type":"assent/withheld/v1","entries":[200]}';
    const { log } = logOf({ 'withheld.json': withheld, 'api/v1/entries/0': 'a', 'api/v1/entries/1': 'b' });
    expect(await log.bundle(0, 2)).toEqual([utf8Encode('a'), utf8Encode('b')]);
    expect(await failureOf(log.bundle(1, 2))).toMatch(
      /^log_misbehaves: the-log: tile\/entries\/001.p\/2: it is missing/,
    );
  });

  it.each<[string, Readonly<Record<string, Uint8Array | string>>]>([
    ['a tile that is missing', {}],
    ['a tile that is too long', { 'tile/0/000.p/3': bytes(97) }],
    ['a tile that is too short', { 'tile/0/000.p/3': bytes(64) }],
    ['a full tile that is not full', { 'tile/0/000': bytes(96) }],
  ])('names %s', async (_, files) => {
    expect(await failureOf(logOf(files).log.tile(0, 0, 3))).toMatch(/^log_misbehaves: the-log: tile\/0\/000/);
  });

  it.each<[string, Readonly<Record<string, Uint8Array | string>>]>([
    ['a bundle that is missing', {}],
    ['a bundle that was cut off', { 'tile/entries/000.p/3': formatBundle(entries(3)).subarray(0, 14) }],
    ['a bundle of another number of entries', { 'tile/entries/000.p/3': formatBundle(entries(2)) }],
    ['a full bundle that is not full', { 'tile/entries/000': formatBundle(entries(3)) }],
  ])('names %s', async (_, files) => {
    expect(await failureOf(logOf(files).log.bundle(0, 3))).toMatch(/^log_misbehaves: the-log: tile\/entries\/000/);
  });

  it('names a list of withheld entries that is none', async () => {
    expect(await failureOf(logOf({ 'withheld.json': '{"entries":[0]}' }).log.bundle(0, 3))).toMatch(
      /^log_misbehaves: the-log: withheld.json/,
    );
  });

  it('says that what has no checkpoint is no log', async () => {
    expect(await failureOf(logOf({}).log.checkpoint())).toMatch(/^not_found: /);
    expect(await failureOf(logOf({ checkpoint: bytes(4, 0xff) }).log.checkpoint())).toMatch(/^answer_malformed: /);
  });
});
