/** How the generator writes down what a report has to say. */

const IDS = [
  'receipt',
  'entry',
  'inclusion',
  'checkpoint',
  'witnesses',
  'content',
  'signatures',
  'intent',
  'trust',
  'revocation',
  'policy',
  'window',
  'use',
] as const;

/** What is other than a check that passes: `fail code`, `skip code`, or `pass code`. */
export type Deviations = Readonly<Record<string, string>>;

export function report(verdict: string, deviations: Deviations = {}) {
  const checks = IDS.map((id) => {
    const [status = 'pass', code] = (deviations[id] ?? 'pass').split(' ');
    return { id, status, ...(code !== undefined && { code }) };
  });
  return { verdict, checks };
}

/** The six checks of authorization, none of them made. */
export function unmade(code: string): Deviations {
  return skips(code, ...IDS.slice(7));
}

export function skips(code: string, ...ids: readonly string[]): Deviations {
  return Object.fromEntries(ids.map((id) => [id, `skip ${code}`]));
}

/** Everything after a receipt that cannot be read. */
export const UNREAD = skips('premise_failed', ...IDS.slice(1));

export const ALL_UNSUPPORTED = skips('unsupported', ...IDS);
