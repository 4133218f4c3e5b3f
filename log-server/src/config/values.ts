import { base64Decode } from '@assent/verifier';
import { z } from 'zod';
import { VISIBILITIES } from '../admission/append-rights.ts';
import { PAYLOAD_RULES } from '../admission/payload-types.ts';
import { isProxyEntry } from '../http/client-address.ts';
import type { Rate } from '../rate-limits.ts';

const LONG_ENOUGH = 'a passphrase of 12 to 1,024 characters';

/*
 * How the text of a flag or an environment variable becomes a value. Each message completes the sentence
 * "<setting> must be …".
 */

export const hostName = z.string().regex(/^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address');

export const portNumber = wholeNumber(0, 65_535);

/**
 * A C2SP checkpoint origin: non-empty, no white space, no plus sign. Every statement for this log names it, so it is an
 * identifier of formats too.
 */
export const originName = z
  .string()
  .regex(
    /^[A-Za-z0-9._:/@-]{1,128}$/,
    'a name such as log.example.com/approvals: 1 to 128 letters, digits or . _ : / @ -, without spaces or plus signs',
  );

export const folderName = z.string().min(1, 'a folder').refine(hasNoZero, 'a folder');
export const fileName = z.string().min(1, 'a file').refine(hasNoZero, 'a file');

export const databaseUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  return ['postgres:', 'postgresql:'].includes(new URL(text).protocol);
}, 'an address such as postgresql://user:password@host:5432/database');

/** Twelve characters are no strength by themselves; fewer are a mistake. */
export const passphrase = z.string().min(12, LONG_ENOUGH).max(1_024, LONG_ENOUGH).refine(hasNoZero, LONG_ENOUGH);

/** 32 bytes as 64 hexadecimal digits or as base64. */
export const encryptionKey = z.string().transform((text, context) => {
  const bytes = /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, 'hex') : decodeBase64(text);
  if (bytes?.length === 32) return new Uint8Array(bytes);
  context.addIssue({ code: 'custom', message: '32 bytes: 64 hexadecimal digits, or 44 characters of base64' });
  return z.NEVER;
});

export const apiKeyText = z
  .string()
  .regex(
    /^assent_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/,
    '"assent_", 8 hexadecimal digits, "_" and 43 characters of base64url (32 random bytes)',
  );

/** As in formats: an identifier without a slash. */
export const SERVICE_PATTERN = /^(\*|[A-Za-z0-9._:@+-]{1,128})$/;

export const serviceList = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .refine(
    (names) => names.every((name) => SERVICE_PATTERN.test(name)),
    'service names separated by commas, or * for every service',
  );

export const yesOrNo = z
  .enum(['true', 'false', '1', '0', 'on', 'off', 'yes', 'no'], { error: 'on or off' })
  .transform((text) => ['true', '1', 'on', 'yes'].includes(text));

export const visibility = z.enum(VISIBILITIES, { error: `one of ${VISIBILITIES.join(', ')}` });

export const payloadRule = z.enum(PAYLOAD_RULES, { error: `one of ${PAYLOAD_RULES.join(', ')}` });

export const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
  error: 'one of fatal, error, warn, info, debug, trace, silent',
});

const RATE = /^([1-9][0-9]{0,5})(?:\/([1-9][0-9]{0,6}))?$/;

/** `20`, or `20/100`: so many a second, and so many at once after a pause (by default ten seconds' worth). */
export const rate = z
  .string()
  .refine(
    (text) => text === 'off' || RATE.test(text),
    'off, or a number for each second such as 20, or 20/100 with a burst',
  )
  .transform((text): Rate | 'off' => {
    const [, perSecond, burst] = RATE.exec(text) ?? [];
    if (perSecond === undefined) return 'off';
    return { perSecond: Number(perSecond), burst: burst === undefined ? 10 * Number(perSecond) : Number(burst) };
  });

export const proxyList = z
  .string()
  .transform((text) => text.split(',').map((entry) => entry.trim()))
  .refine(
    (entries) => entries.every(isProxyEntry),
    'addresses and CIDR blocks separated by commas, such as loopback,10.0.0.0/8',
  );

export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/, `a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `a whole number from ${least} to ${most}`);
}

function decodeBase64(text: string): Uint8Array | undefined {
  const decoded = base64Decode(text);
  return decoded.ok ? decoded.value : undefined;
}

function hasNoZero(text: string): boolean {
  return !text.includes('\0');
}
