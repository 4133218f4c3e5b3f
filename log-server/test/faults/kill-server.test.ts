import { describe, it } from 'vitest';
import { killServer } from './kill-server.ts';

describe('kill -9 of the server under load', () => {
  it(
    'loses nothing that was acknowledged, signs no second history, and the next start adopts the database',
    killServer({ rounds: 2 }),
  );
});
