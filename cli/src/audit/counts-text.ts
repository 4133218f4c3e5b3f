/** What was counted, in lines for people; nothing of which there is none. */
import type { Counter } from './counters.ts';

const LINES: readonly (readonly (readonly [Counter, string])[])[] = [
  [
    ['approved', 'approved'],
    ['rejected', 'rejected'],
    ['expired', 'expired'],
    ['consumptions', 'consumptions'],
    ['trust_roots', 'trust root versions'],
    ['foreign', 'of other systems'],
  ],
  [
    ['sealed', 'sealed'],
    ['revealed', 'with their intent'],
    ['withheld', 'withheld'],
    ['unread', 'not readable'],
    ['unsupported', 'of unknown types'],
  ],
  [
    ['passkeys', 'signatures by passkeys'],
    ['keys', 'by other keys'],
    ['es256', 'ES256'],
    ['ed25519', 'Ed25519'],
    ['rs256', 'RS256'],
    ['ml_dsa_44', 'ML-DSA-44'],
  ],
  [
    ['own', 'approvals of your trust root'],
    ['own_trusted', 'by people whom it lists'],
    ['own_by_policy', 'as your policy asks'],
    ['own_without_intent', 'with an intent that is not public'],
  ],
];

export function countsText(counts: Readonly<Record<string, number>>): readonly string[] {
  return LINES.flatMap((line) => {
    const parts = line.flatMap(([counter, words]) => {
      const count = counts[counter] ?? 0;
      return count === 0 ? [] : [`${count.toLocaleString('en')} ${words}`];
    });
    return parts.length === 0 ? [] : [parts.join(', ')];
  });
}
