import { createHash, randomBytes } from 'node:crypto';
import { openCheckpoint, PlainTree, readBundle, tilePath } from '@assent/test-support/fault/index';
import { expect, it } from 'vitest';
import { createTestApp } from './support/test-app.ts';

/** "For example, a tree of size 70,000 will be represented by …": the specification's own numbers, three levels of tiles. */
it('serves the tree of 70,000 entries as C2SP tlog-tiles counts its tiles', async () => {
  const test = await createTestApp();
  try {
    const { sequencer } = test.parts;
    for (let first = 0; first < 70_000; first += 7_000) {
      await Promise.all(
        Array.from({ length: 7_000 }, (_, i) =>
          sequencer.append({
            statement: createHash('sha256')
              .update(`${first + i}`)
              .digest(),
            identity: randomBytes(32),
            apiKey: null,
            bytes: 20,
            format: () => Buffer.from(`entry ${first + i}`),
          }),
        ),
      );
    }
    const read = async (path: string): Promise<Buffer> => {
      const response = await test.app.request(path);
      expect(response.status, path).toBe(200);
      return Buffer.from(await response.arrayBuffer());
    };
    const status = async (path: string): Promise<number> => (await test.app.request(path)).status;
    const checkpoint = openCheckpoint((await read('/checkpoint')).toString(), test.log.vkey);
    expect(checkpoint.size).toBe(70_000);

    const bundles = [...Array.from({ length: 273 }, (_, i) => tilePath('entries', i, 256)), '/tile/entries/273.p/112'];
    const entries: Buffer[] = [];
    for (const path of bundles) entries.push(...readBundle(await read(path)));
    const tree = new PlainTree(entries);
    expect(tree.root().toString('base64')).toBe(checkpoint.root);

    for (const [level, full, partial] of [
      [0, 273, 112],
      [1, 1, 17],
      [2, 0, 1],
    ] as const) {
      for (let index = 0; index <= full; index++) {
        const width = index < full ? 256 : partial;
        const path = tilePath(String(level), index, width);
        expect((await read(path)).equals(tree.tile(level, index, width)), path).toBe(true);
      }
      expect(await status(tilePath(String(level), full, 256))).toBe(404);
      expect(await status(tilePath(String(level), full, partial + 1))).toBe(404);
    }
    expect(await status('/tile/3/000.p/1')).toBe(404);
  } finally {
    await test.remove();
  }
});
