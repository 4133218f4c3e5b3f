import { describe, it } from 'vitest';
import { twoServers } from './two-servers.ts';

describe('two server processes on one database', () => {
  it('append 5,000 records at once, each once, into one tree', twoServers(5_000));
});
