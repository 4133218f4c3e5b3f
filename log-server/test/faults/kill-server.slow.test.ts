import { describe, it } from 'vitest';
import { timeoutFor } from './fault-test.ts';
import { killServer } from './kill-server.ts';

const ROUNDS = 100;

describe('kill -9 of the server under load, many times', () => {
  it(
    'loses nothing that was acknowledged, and signs no second history',
    killServer({ leastRounds: ROUNDS }),
    timeoutFor(ROUNDS),
  );
});
