import { describe, it } from 'vitest';
import { killPostgres } from './kill-postgres.ts';

describe('kill -9 of PostgreSQL under load, many times', () => {
  it('loses nothing that was acknowledged, and the log goes on by itself', killPostgres({ leastRounds: 40 }));
});
