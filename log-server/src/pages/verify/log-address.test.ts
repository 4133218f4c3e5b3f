import { describe, expect, it } from 'vitest';
import { readAddress, verifyAddress } from './log-address.ts';

describe('the address of a log, as somebody types it', () => {
  it('is an origin of the web, whatever else stands there', () => {
    expect(readAddress(' https://log.example.com/entries?x=1#y ')).toBe('https://log.example.com');
    expect(readAddress('http://localhost:6962')).toBe('http://localhost:6962');
    expect(verifyAddress('https://log.example.com', 12)).toBe('https://log.example.com/verify?id=12');
  });

  it('is nothing that runs, no file, no bare name, and nothing too long for a code', () => {
    for (const text of ['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'log.example.com', '']) {
      expect(readAddress(text), text).toBeUndefined();
    }
    expect(
      readAddress(`https://${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}`),
    ).toBeUndefined();
  });
});
