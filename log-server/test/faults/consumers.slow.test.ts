import { describe, it } from 'vitest';
import { consumers } from './consumers.ts';

describe('a thousand callers for one approval', () => {
  it('get exactly one 201, all others 409 with the receipt of the first', consumers({ callers: 1_000, processes: 1 }));
  it('find one winner at two processes', consumers({ callers: 1_000, processes: 2 }));
  it('find one winner when one of two processes is killed', consumers({ callers: 1_000, processes: 2, kill: true }));
});
