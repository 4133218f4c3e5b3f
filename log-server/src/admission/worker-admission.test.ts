import { expect, it } from 'vitest';
import { threadsFor } from './worker-admission.ts';

it.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [16, 15],
])('on %i cores it starts %i threads', (cores, threads) => {
  expect(threadsFor(cores)).toBe(threads);
});
