import { formatBundle, parseBundle } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { ABSENT, packEntries } from './bundle-job.ts';

const entries = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4)];

/** As a judge takes them apart. */
function unpacked({ bytes, lengths, gap }: ReturnType<typeof packEntries>) {
  let at = 0;
  return [...lengths].map((length) => {
    if (length === ABSENT) return undefined;
    const start = at + gap;
    at = start + length;
    return bytes.slice(start, at);
  });
}

describe('packEntries', () => {
  const bundle = parseBundle(Uint8Array.from(formatBundle(entries)));
  if (!bundle.ok) throw new Error(bundle.detail);

  it('takes the memory of a bundle as it is, and copies everything else', () => {
    const whole = packEntries(bundle.value);
    expect(whole.bytes.buffer).toBe(bundle.value[0]!.buffer);
    expect(unpacked(whole)).toEqual(entries);
    const parts: readonly (Uint8Array | undefined)[][] = [
      bundle.value.slice(0, 2),
      bundle.value.slice(1),
      [...bundle.value].reverse(),
      [...entries],
      [bundle.value[0], undefined, bundle.value[2]],
      [undefined],
      [],
    ];
    for (const part of parts) {
      const packed = packEntries(part);
      expect(packed.bytes.buffer).not.toBe(bundle.value[0]!.buffer);
      expect(unpacked(packed)).toEqual(part.map((entry) => entry && Uint8Array.from(entry)));
    }
  });
});
