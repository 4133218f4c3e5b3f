/** Numbers with what they count, in one way on all pages. */

/** `1 passkey`, `1,024 passkeys`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** `1 entry`, `1,024 entries`. */
export function entries(number: number): string {
  return count(number, 'entry', 'entries');
}

/** Units of time, in ms, the largest first. */
export const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;
