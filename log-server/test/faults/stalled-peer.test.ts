import { describe, it } from 'vitest';
import { stalledPeer } from './stalled-peer.ts';

describe('a process that is stopped in the middle of load', () => {
  it('does not hold up the other one, and comes back without harm', stalledPeer(1));
});
