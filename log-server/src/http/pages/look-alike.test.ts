import { describe, expect, it } from 'vitest';
import { lookAlikes, shownParts } from './look-alike.ts';

describe('lookAlikes', () => {
  it('finds words that mix alphabets, and words that only pretend to be Latin', () => {
    expect(lookAlikes('Pay Αcme and \u0430lice')).toEqual(['Αcme', '\u0430lice']);
    expect(lookAlikes('send it to \u0440\u0430\u0443\u0440\u0430l')).toEqual(['\u0440\u0430\u0443\u0440\u0430l']);
    expect(lookAlikes('Refund \u0420\u0410\u0423 today')).toEqual(['\u0420\u0410\u0423']);
    expect(lookAlikes('\uff21cme 𝐏ay')).toEqual(['\uff21cme', '𝐏ay']);
  });

  it('leaves honest words of any alphabet alone', () => {
    for (const text of [
      'Refund 42.00 USD',
      'Überweisung an Łódź',
      'Возврат 42 руб. Ивану',
      'Πληρωμή στην Αθήνα',
      'Pay Москва 100 EUR',
      '支付 100',
      'дом', // no Latin around it that it could be taken for
    ]) {
      expect(lookAlikes(text), text).toEqual([]);
    }
  });
});

describe('shownParts', () => {
  it('names such words after the text, and no more than three', () => {
    expect(shownParts('Acme')).toEqual([{ text: 'Acme', hidden: false }]);
    expect(shownParts('\u0391cme \u0410bc x\u0430 y\u0430').at(-1)).toEqual({
      text: 'not Latin letters: \u0391cme, \u0410bc, x\u0430',
      hidden: true,
    });
    expect(shownParts('\u0391cme\u200b').map(({ hidden }) => hidden)).toEqual([false, true, false, true]);
  });
});
