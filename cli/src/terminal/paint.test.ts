import { describe, expect, it } from 'vitest';
import { wantsColor } from './paint.ts';

const stream = (isTTY: boolean) => ({ isTTY, hasColors: () => true }) as unknown as NodeJS.WriteStream;

describe('wantsColor', () => {
  it.each<[boolean, NodeJS.ProcessEnv, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, true],
  ])('terminal %s, %j: %s', (isTTY, env, expected) => {
    expect(wantsColor(stream(isTTY), env)).toBe(expected);
  });
});
