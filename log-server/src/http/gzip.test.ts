import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { gzipUnlessBusy } from './gzip.ts';

it('compresses two bundles at a time and leaves others as they are', async () => {
  const data = Buffer.from('entry '.repeat(10_000));
  const together = await Promise.all([1, 2, 3, 4].map(() => gzipUnlessBusy(data)));
  expect(together.map((compressed) => compressed !== undefined)).toEqual([true, true, false, false]);
  const later = await gzipUnlessBusy(data);
  expect(gunzipSync(later!).equals(data)).toBe(true);
});
