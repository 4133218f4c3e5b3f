import { describe, expect, it } from 'vitest';
import { UnsignedHeads } from './unsigned-heads.ts';

function heads(): { heads: UnsignedHeads; at(ms: number): UnsignedHeads } {
  let now = 0;
  const heads = new UnsignedHeads(() => now);
  return {
    heads,
    at(ms) {
      now = ms;
      return heads;
    },
  };
}

describe('UnsignedHeads', () => {
  it('counts from the oldest of the heads that one signature covers', () => {
    const { at } = heads();
    at(10).committed(1);
    at(20).committed(2);
    at(30).signing(2);
    expect(at(35).since).toBe(10);
    expect(at(40).signed(2)).toBe(30);
    expect(at(41).since).toBeUndefined();
  });

  it('goes on with the first head that came while another was being signed', () => {
    const { at } = heads();
    at(10).committed(1);
    at(11).signing(1);
    at(20).committed(2);
    at(25).committed(3);
    expect(at(30).signed(1)).toBe(20);
    expect(at(30).since).toBe(20);
    at(31).signing(3);
    expect(at(40).signed(3)).toBe(20);
    expect(at(40).since).toBeUndefined();
  });

  it('goes on counting when signing fails and a later head is taken', () => {
    const { at } = heads();
    at(10).committed(1);
    at(11).signing(1);
    at(20).committed(2);
    at(300).signing(2);
    expect(at(310).since).toBe(10);
    expect(at(320).signed(2)).toBe(310);
    expect(at(320).since).toBeUndefined();
  });

  it('says nothing of a signature that covers what was covered before', () => {
    const { at } = heads();
    expect(at(5).signed(7)).toBeUndefined();
    at(10).committed(9);
    expect(at(11).signed(8)).toBeUndefined();
    expect(at(11).since).toBe(10);
  });
});
