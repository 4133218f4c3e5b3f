import { describe, expect, it } from 'vitest';
import { findProblem, type ServerFacts } from './connection-check.ts';

const good: ServerFacts = {
  pid: 7,
  version: 140_000,
  synchronous_commit: 'on',
  fsync: 'on',
  full_page_writes: 'on',
  recovery: false,
  data_sync_retry: 'off',
};

describe('findProblem', () => {
  it('accepts a durable server, with a local or a remote commit', () => {
    expect(findProblem(good, 7)).toBeUndefined();
    expect(findProblem({ ...good, synchronous_commit: 'remote_apply', version: 180_004 }, undefined)).toBeUndefined();
  });

  it.each<[string, Partial<ServerFacts>]>([
    ['PostgreSQL 13', { version: 130_021 }],
    ['synchronous_commit = off', { synchronous_commit: 'off' }],
    ['synchronous_commit = local', { synchronous_commit: 'local' }],
    ['synchronous_commit = remote_write', { synchronous_commit: 'remote_write' }],
    ['fsync = off', { fsync: 'off' }],
    ['full_page_writes = off', { full_page_writes: 'off' }],
    ['data_sync_retry = on', { data_sync_retry: 'on' }],
    ['a standby', { recovery: true }],
  ])('refuses %s, and says so', (words, change) => {
    expect(findProblem({ ...good, ...change }, 7)).toContain(words);
  });

  it('refuses a connection whose id is not the one of the process that answers: a pooler stands in between', () => {
    expect(findProblem(good, 8)).toContain('pooler');
  });
});
