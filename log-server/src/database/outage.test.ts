import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isOutage } from './outage.ts';

const withCode = (code: string, extra = {}): Error => Object.assign(new Error('x'), { code, ...extra });

describe('isOutage', () => {
  it.each([
    ['a refused connection', withCode('ECONNREFUSED')],
    ['a cut connection', new Error('Connection terminated unexpectedly')],
    ['what is asked next on one', new Error('Client has encountered a connection error and is not queryable')],
    ['a pool that gets no connection', new Error('timeout exceeded when trying to connect')],
    ['a server that shuts down', withCode('57P01')],
    ['a server that starts', withCode('57P03')],
    ['too many connections', withCode('53300')],
    ['a missing socket', withCode('ENOENT', { syscall: 'connect' })],
    ['several addresses that all refuse', new AggregateError([withCode('ECONNREFUSED')])],
  ])('is %s', (_, error) => expect(isOutage(error)).toBe(true));

  it.each([
    ['a missing file', withCode('ENOENT', { syscall: 'open' })],
    ['a statement that failed', withCode('23505')],
    ['a defect of ours', new TypeError('x is not a function')],
    ['something that is no Error', 'ECONNREFUSED'],
  ])('is not %s', (_, error) => expect(isOutage(error)).toBe(false));

  it('is what a socket says that nobody listens on', async () => {
    const error = await new Promise((resolve) => connect('/nonexistent/socket').once('error', resolve));
    expect(isOutage(error)).toBe(true);
  });
});
