import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandSink } from './command-sink.ts';
import { createEvent } from './event.ts';

const event = createEvent(
  { code: 'withheld', severity: 'notice', log: 'l', detail: '$(touch pwned); `id`', about: 1 },
  0,
);

const deliver = (program: string, args: readonly string[] = [], { signal } = new AbortController()) =>
  commandSink(program, args, 60_000)
    .deliver(event, signal)
    .then(
      () => 'acknowledged',
      (error: Error) => error.message,
    );

describe('commandSink', () => {
  it('hands the event over on standard input, and nothing to a shell', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'assent-command-')), 'told $(id)');
    expect(await deliver('tee', [file])).toBe('acknowledged');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(event);
  });

  it('counts nothing but exit code 0 as an acknowledgement', async () => {
    expect(await deliver('false')).toBe('false ended with 1');
    expect(await deliver('true')).toBe('acknowledged');
    expect(await deliver('/no/such/program')).toBe('/no/such/program cannot be run: there is no such program');
  });

  it('ends the program when it is stopped', async () => {
    const stop = new AbortController();
    const ended = deliver('sleep', ['60'], stop);
    stop.abort();
    expect(await ended).toBe('sleep was ended by SIGKILL');
  });
});
