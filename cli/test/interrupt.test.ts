import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const BUILT = fileURLToPath(new URL('../dist/interrupt.js', import.meta.url));

/** Work that never ends, whatever it is told. */
const STUBBORN = `
  const { interruptible } = await import(${JSON.stringify(BUILT)});
  setInterval(() => undefined, 1000);
  await interruptible(() => new Promise(() => console.log('begun')));
`;

it('asks work to stop at the first Ctrl-C, and ends at the second', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', STUBBORN], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGINT');
  const said = await new Promise<string>((resolve) =>
    child.stderr.once('data', (chunk: Buffer) => resolve(String(chunk))),
  );
  expect(said).toContain('stopping; once more to stop at once');
  child.kill('SIGINT');
  expect(await ended).toBe(130);
});
