import type { Sealing } from '../store/sealed.ts';
import type { Examined } from './examined.ts';

/** What a sealed entry adds to its record; nothing for others. */
export function sealingOf(examined: Examined): { readonly sealing?: Sealing } {
  if (!('sealed' in examined)) return {};
  const commitment = Buffer.from(examined.sealed.slice('sha256:'.length), 'hex');
  if (examined.checked === undefined) return { sealing: { commitment } };
  return { sealing: { commitment, checked: { facts: examined.checked, blind: Buffer.from(examined.blind, 'hex') } } };
}
