import { readFileSync } from 'node:fs';

const TICK_MICROSECONDS = 10_000;

/** What these processes took of the processors since they began, and all that they started, in µs; those that have ended too. */
export function processorMicroseconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    for (const field of fields.slice(11, 15)) ticks += Number(field);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    ticks += processorMicroseconds(children) / TICK_MICROSECONDS;
  }
  return ticks * TICK_MICROSECONDS;
}
