import { setFlagsFromString } from 'node:v8';
import { expect, it } from 'vitest';
import { startThread } from './start-thread.ts';

/** Fills its young generation several times over, and tells how large that became, in MB. */
const GROWING = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { parentPort } from 'node:worker_threads';
  let kept = [];
  let most = 0;
  for (let i = 0; i < 1_000_000; i++) {
    kept.push({ i, of: [i] });
    if (kept.length > 200_000) kept = [];
    if (i % 10_000 === 0) {
      most = Math.max(most, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
    }
  }
  parentPort.postMessage(most / 2 ** 20);
`;

it('starts threads that keep to their own limits, whatever the command line gives the first one', async () => {
  setFlagsFromString('--max-semi-space-size=32');
  const file = new URL(`data:text/javascript,${encodeURIComponent(GROWING)}`);
  const thread = startThread(file, { resourceLimits: { maxYoungGenerationSizeMb: 6 } });
  const most = await new Promise<number>((resolve, reject) => thread.once('message', resolve).once('error', reject));
  expect(most).toBeLessThanOrEqual(6);
});
