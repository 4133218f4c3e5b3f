import { describe, it } from 'vitest';
import { timeoutFor } from './fault-test.ts';
import { killPostgres } from './kill-postgres.ts';

const ROUNDS = 100;

describe('kill -9 of PostgreSQL under load, many times', () => {
  it(
    'loses nothing that was acknowledged, and the log goes on by itself',
    killPostgres({ leastRounds: ROUNDS }),
    timeoutFor(ROUNDS),
  );
});
