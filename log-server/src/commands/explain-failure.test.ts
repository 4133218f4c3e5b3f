import { expect, it } from 'vitest';
import { explain } from './explain-failure.ts';
import { CommandFailed } from './keys.ts';

const failed = (code: string, more: object): Error =>
  Object.assign(new Error(`${code}: permission denied, open '/var/lib/assent'`), { code, ...more });

it.each(['EACCES', 'EPERM'])('says who may not use what, and what to do, for %s', (code) => {
  const said = explain(failed(code, { path: '/var/lib/assent' }));
  expect(said).toContain('/var/lib/assent');
  expect(said).toContain('--data-dir');
});

it('tells a port that may not be used from a folder', () => {
  expect(explain(failed('EACCES', { port: 80, address: '::' }))).toContain('Port 80');
});

it('leaves what is a sentence already as it is, and what the system says of anything else', () => {
  expect(explain(new CommandFailed('There is no API key 1.'))).toBe('There is no API key 1.');
  expect(explain(failed('ENOSPC', {}))).toMatch(/^ENOSPC/);
});

it('shows where a defect is', () => {
  expect(explain(new TypeError('x is not a function'))).toMatch(/\n +at /);
  expect(explain('thrown')).toContain('other than an Error');
});
