import { formatReceipt, formatTlogProof, utf8Encode } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { proofLines, receiptText } from './receipt-text.ts';

describe('receiptText', () => {
  const proof = [Uint8Array.from({ length: 32 }, (_, i) => i * 8), new Uint8Array(32).fill(255)];

  it.each([
    ['ASCII', '{"a":"b"}'],
    ['what JSON escapes', '{"a":"\\"\\\\\\n"}\t\u0001\u007f'],
    ['what Latin-1 has, and what it has not', '{"a":"Zürich — 東京 🦊 \u0080\u2028"}'],
  ])('is formatReceipt, byte for byte: %s', (_, entry) => {
    for (const checkpoint of ['log.example\n2\nAAAA\n\n— log.example AAAA\n', 'plain\n']) {
      const text = formatReceipt({ entry, proof: formatTlogProof({ index: 7, proof, checkpoint }) });
      const bytes = Buffer.from(
        receiptText({ index: 7, entry: utf8Encode(entry), lines: proofLines(proof), checkpoint }),
        'latin1',
      );
      expect(Buffer.from(bytes).toString()).toBe(text);
      expect(bytes).toEqual(Buffer.from(text));
    }
  });
});
