import { describe, expect, it } from 'vitest';
import { paymentProblem, paymentSentence } from './payment-request.ts';

describe('paymentProblem', () => {
  it('lets ordinary payments through', () => {
    for (const recipient of ['Eve', 'Grete & Söhne <b>GmbH</b>', '東京書店', 'x'.repeat(60), '🧾']) {
      expect(paymentProblem({ recipient, amount: '0.01' }), recipient).toBeUndefined();
    }
    for (const amount of ['1.00', '1250.00', '999999999.99']) {
      expect(paymentProblem({ recipient: 'Eve', amount }), amount).toBeUndefined();
    }
  });

  it('names the field that is wrong', () => {
    for (const recipient of [
      '',
      ' Eve',
      'Eve ',
      'E\u202eve',
      'E\u200bve',
      'E\nve',
      'E\u0000ve',
      'E\ud800',
      'x'.repeat(61),
    ]) {
      expect(paymentProblem({ recipient, amount: '1.00' })?.field, JSON.stringify(recipient)).toBe('recipient');
    }
    for (const amount of [
      '',
      '0.00',
      '1',
      '1.0',
      '1.000',
      '01.00',
      '-1.00',
      '+1.00',
      '1,00',
      '1e3',
      ' 1.00',
      '１.00',
      '1234567890.00',
    ]) {
      expect(paymentProblem({ recipient: 'Eve', amount })?.field, amount).toBe('amount');
    }
  });
});

describe('paymentSentence', () => {
  it('says who gets how much', () => {
    expect(paymentSentence({ recipient: 'Eve', amount: '1.00' })).toBe('Pay 1.00 EUR to Eve (Invoice 2041)');
  });
});
