import { describe, expect, it } from 'vitest';
import { describeError } from './logger.ts';

describe('describeError', () => {
  it('keeps what an error says of itself and leaves out the row that a database error quotes', () => {
    const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (hash)=(secret) exists' });
    const described = describeError(new TypeError('outer', { cause }));
    expect(described).toMatchObject({ type: 'TypeError', message: 'outer', cause: { code: '23505' } });
    expect(JSON.stringify(described)).not.toContain('secret');
  });

  it('does not repeat what is no error', () => {
    expect(JSON.stringify(describeError('secret'))).not.toContain('secret');
  });
});
