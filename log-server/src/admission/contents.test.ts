import { expect, it } from 'vitest';
import { Contents, encodeHere } from './contents.ts';

const TEXTS = ['{"a":"ü"}', '', '{"b":"€ 😀"}', `{"c":"${'x'.repeat(40)}"}`, '{}'];

it('keeps the UTF-8 of each text, in as much memory as they take', () => {
  const contents = new Contents(16);
  const kept = TEXTS.map(contents.add);
  expect(kept.map((bytes) => Buffer.from(bytes).toString())).toEqual(TEXTS);
  expect(contents.buffers.length).toBeGreaterThan(1);
  const buffers: readonly ArrayBufferLike[] = contents.buffers;
  expect(kept.filter(({ length }) => length > 0).every(({ buffer }) => buffers.includes(buffer))).toBe(true);
});

it('hands all of it over', () => {
  const contents = new Contents(1_000);
  const kept = TEXTS.map(contents.add);
  expect(contents.buffers).toHaveLength(1);
  const received = structuredClone(kept, { transfer: [...contents.buffers] });
  expect(received.map((bytes) => Buffer.from(bytes).toString())).toEqual(TEXTS);
  expect(kept.at(-1)).toHaveLength(0);
});

it('hands nothing over where nothing was kept', () => {
  expect(new Contents(1_000).buffers).toEqual([]);
});

it('encodes without a message too', () => {
  expect(Buffer.from(encodeHere('€')).toString('hex')).toBe('e282ac');
});
