import { VISIBILITIES } from '../admission/append-rights.ts';
import { ConfigError } from '../config/config-error.ts';
import { SERVICE_PATTERN } from '../config/values.ts';
import type { Rate } from '../rate-limits.ts';
import type { ApiKeyTerms, StoredApiKey } from '../store/api-keys.ts';

/** As the flags of `assent-log keys add` give them. */
export type KeyTermFlags = RateFlags & {
  readonly service?: readonly string[] | undefined;
  readonly blind?: boolean | undefined;
  readonly foreign?: boolean | undefined;
  readonly defaultVisibility?: string | undefined;
  readonly boundary?: readonly string[] | undefined;
  readonly trustRoot?: readonly string[] | undefined;
};

export type RateFlags = { readonly rate?: string | undefined; readonly burst?: string | undefined };

const RATE = /^(0|[1-9][0-9]{0,5})(\.[0-9]{1,3})?$/;
const BURST = /^[1-9][0-9]{0,6}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** What a key may append, and how. */
export type KeyTerms = ApiKeyTerms & Pick<StoredApiKey, 'services'>;

/** @throws {ConfigError} that names the flag which is wrong, or that says what is missing for a key that may append something */
export function parseKeyTerms(flags: KeyTermFlags): KeyTerms {
  const defaultVisibility = VISIBILITIES.find((visibility) => visibility === flags.defaultVisibility) ?? null;
  if (flags.defaultVisibility !== undefined && defaultVisibility === null) {
    throw new ConfigError(
      `--default-visibility must be one of ${VISIBILITIES.join(', ')}, not ${JSON.stringify(flags.defaultVisibility)}.`,
    );
  }
  const terms = {
    services: services(flags.service ?? []),
    blind: flags.blind === true,
    foreign: flags.foreign === true,
    defaultVisibility,
    rate: parseRate(flags),
    boundaries: starOrDigests('--boundary', flags.boundary ?? []),
    trustRoots: starOrDigests('--trust-root', flags.trustRoot ?? []),
  };
  if (describeRights(terms).length > 0) return terms;
  throw new ConfigError(
    'A key may append something: give it --service, --boundary, --trust-root, --foreign or --blind.',
  );
}

/** What a key may append, in words; none for one that may append nothing. */
export function describeRights({ services, boundaries, trustRoots, foreign, blind }: KeyTerms): readonly string[] {
  return [
    ...(services.length > 0 ? [`statements of ${services.includes('*') ? 'every service' : services.join(', ')}`] : []),
    ...listed('consumptions', 'boundary', boundaries),
    ...listed('versions', 'trust root', trustRoots),
    ...(foreign ? ['evidence of other systems'] : []),
    ...(blind ? ['blind commitments'] : []),
  ];
}

function listed(what: string, of: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what} of ${names.includes('*') ? `every ${of}` : `${of} ${names.join(', ')}`}`];
}

/** @throws {ConfigError} that names the flag which is wrong */
export function parseRate({ rate, burst }: RateFlags): Rate | null {
  if (rate === undefined || rate === 'off') {
    if (burst !== undefined) throw new ConfigError('--burst goes with --rate.');
    return null;
  }
  const perSecond = Number(rate);
  if (!RATE.test(rate) || perSecond === 0) {
    throw new ConfigError(`--rate must be records a second, such as 20 or 0.5, or off, not ${JSON.stringify(rate)}.`);
  }
  if (burst === undefined) return { perSecond, burst: Math.max(1, Math.ceil(10 * perSecond)) };
  if (!BURST.test(burst)) {
    throw new ConfigError(`--burst must be a whole number from 1 to 9999999, not ${JSON.stringify(burst)}.`);
  }
  return { perSecond, burst: Number(burst) };
}

function services(names: readonly string[]): string[] {
  const wrong = names.find((name) => !SERVICE_PATTERN.test(name));
  if (wrong === undefined) return [...new Set(names)];
  throw new ConfigError(
    `--service must be service names (letters, digits and . _ : @ + -) or *, not ${JSON.stringify(wrong)}.`,
  );
}

/** One star, which stands for all there are, or digests. */
function starOrDigests(flag: string, values: readonly string[]): string[] {
  return values.length === 1 && values[0] === '*' ? ['*'] : digests(flag, values);
}

function digests(flag: string, values: readonly string[]): string[] {
  const wrong = values.find((value) => !DIGEST.test(value));
  if (wrong === undefined) return [...new Set(values)];
  throw new ConfigError(
    `${flag} must be "sha256:" and 64 lower-case hexadecimal digits, not ${JSON.stringify(wrong.slice(0, 100))}.`,
  );
}
