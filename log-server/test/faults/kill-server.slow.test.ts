import { describe, it } from 'vitest';
import { killServer } from './kill-server.ts';

describe('kill -9 of the server under load, many times', () => {
  it('loses nothing that was acknowledged, and signs no second history', killServer(40));
});
