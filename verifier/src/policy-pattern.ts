/**
 * Patterns for actions and connectors in approval policies (formats.md §8): the name itself, or a beginning and `*`.
 *
 *     payment.refund      that action and no other
 *     payment.*           every action that begins with `payment.` and goes on: payment.refund, payment.refund.partial
 *     *                   every action
 *
 * `*` stands for one character or more, dots and slashes too, and only at the end: whoever reads a policy must see what
 * a pattern takes, and `*.refund` or `pay*nt` invite names that were made to fit.
 */
import { type Field, matching } from './document.ts';

/** A beginning that no name has would never match, and its rule would be skipped in silence: so it is refused. */
export const actionPattern: Field<string> = matching(
  /^(?:[a-z0-9_]+(?:\.[a-z0-9_]+)*(?:\.?\*)?|\*)$/,
  'bad_value',
  'an action, or the beginning of one and a final *',
);

export const connectorPattern: Field<string> = matching(
  /^(?:[A-Za-z0-9._:/@+-]{1,128}|[A-Za-z0-9._:/@+-]{0,127}\*)$/,
  'bad_value',
  'a connector, or the beginning of one and a final *',
);

export function matchesPattern(pattern: string, name: string): boolean {
  if (!pattern.endsWith('*')) return name === pattern;
  const beginning = pattern.slice(0, -1);
  return name.length > beginning.length && name.startsWith(beginning);
}
