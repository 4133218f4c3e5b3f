/**
 * Which witnesses a log asks, and which of them make its quorum: a C2SP tlog-policy file (https://c2sp.org/tlog-policy),
 * whose URLs are the submission prefixes of tlog-witness, and a second file of witnesses outside the quorum. The second
 * one has lines `witness <name> <vkey> <url>` only.
 */
import {
  type Cosigner,
  equalBytes,
  evaluateQuorum,
  formatLogPolicy,
  formatVkey,
  type LogPolicy,
  NO_QUORUM,
  type NoteVerifier,
  parseLogPolicy,
} from '@assent/verifier';
import { ConfigError } from '../config/config-error.ts';
import { isLoopback } from '../config/loopback.ts';

/** A witness that is asked. */
export type ConfiguredWitness = {
  /** From the file: unique among all of them, and the label of its metrics. */
  readonly name: string;
  readonly cosigner: Cosigner;
  /** The submission prefix, without a slash at its end. */
  readonly url: string;
  /** Whether the policy file names it. */
  readonly inPolicy: boolean;
};

export type WitnessSettings = {
  /** Without URLs and logs: what makes the quorum. */
  readonly policy: LogPolicy;
  readonly witnesses: readonly ConfiguredWitness[];
  /** What an operator should know, a sentence each. */
  readonly warnings: readonly string[];
};

/** A file's name, for messages, and what it holds. */
export type NamedText = { readonly name: string; readonly text: string };

/** A note has room for 100 signatures, and the log's own are among them. */
const MAX_WITNESSES = 90;

export const NO_WITNESSES: WitnessSettings = {
  policy: { logs: [], witnesses: [], groups: [], quorum: NO_QUORUM },
  witnesses: [],
  warnings: [],
};

/**
 * @param logKeys the keys that this log signs with, under its origin's name
 * @throws {ConfigError}
 */
export function readWitnessSettings(
  {
    policy: policyFile,
    others: othersFile,
  }: { readonly policy?: NamedText | undefined; readonly others?: NamedText | undefined },
  logKeys: readonly NoteVerifier[],
): WitnessSettings {
  const warnings: string[] = [];
  const policy = policyFile === undefined ? NO_WITNESSES.policy : readPolicy(policyFile, logKeys);
  const others = othersFile === undefined ? NO_WITNESSES.policy : readOthers(othersFile);
  const witnesses: ConfiguredWitness[] = [];
  const files = [
    { file: policyFile, found: policy.witnesses, inPolicy: true },
    { file: othersFile, found: others.witnesses, inPolicy: false },
  ];
  for (const { file, found, inPolicy } of files) {
    for (const { name, key, url } of found) {
      const refuse = (what: string) => new ConfigError(`${at(file!, name)}: ${what}.`);
      if (logKeys.some((own) => own.name === key.name || equalBytes(own.publicKey.raw, key.raw))) {
        throw refuse(`the witness ${name} has this log's own name or key, and would never count`);
      }
      const same = witnesses.find((w) => w.name === name || equalBytes(w.cosigner.raw, key.raw));
      if (same !== undefined) throw refuse(`the name or key of the witness ${name} is that of ${same.name}`);
      if (url === undefined) {
        if (!inPolicy) throw refuse(`the witness ${name} has no URL`);
        warnings.push(`${at(file!, name)}: the witness ${name} has no URL, so it is not asked`);
        continue;
      }
      const prefix = submissionPrefix(url);
      if (prefix === undefined) {
        throw refuse(`the URL of ${name} is not an http(s) address without user, query and fragment`);
      }
      const { protocol, hostname } = new URL(prefix);
      if (protocol === 'http:' && !isLoopback(hostname)) {
        warnings.push(
          `the witness ${name} is asked over http: what it answers is signed, but others can read along and block it`,
        );
      }
      witnesses.push({ name, cosigner: key, url: prefix, inPolicy });
    }
  }
  if (witnesses.length > MAX_WITNESSES) {
    throw new ConfigError(`There are ${witnesses.length} witnesses, and a checkpoint has room for ${MAX_WITNESSES}.`);
  }
  refuseUnreachable(policyFile, policy, witnesses);
  return { policy, witnesses, warnings };
}

/** The policy as others can use it, with this log in it. It reads back as a C2SP tlog-policy. */
export function policyText(policy: LogPolicy, origin: string, rawKeys: readonly Uint8Array[]): string {
  const logs = rawKeys.map((raw) => `log ${formatVkey(origin, raw)}\n`).join('');
  return logs + formatLogPolicy(policy);
}

function readPolicy(file: NamedText, logKeys: readonly NoteVerifier[]): LogPolicy {
  const parsed = parseLogPolicy(file.text);
  if (!parsed.ok) throw new ConfigError(`${file.name}: ${parsed.detail} (${parsed.code}).`);
  const { logs, ...rest } = parsed.value;
  const isOurs = (key: NoteVerifier) =>
    logKeys.some((own) => own.name === key.name && equalBytes(own.publicKey.raw, key.publicKey.raw));
  if (logs.length > 0 && !logs.some(({ key }) => isOurs(key))) {
    const ours = logKeys.map(({ name, publicKey }) => formatVkey(name, publicKey.raw)).join(' or ');
    throw new ConfigError(`${file.name} lists logs, and not this one: leave its log lines out, or add "log ${ours}".`);
  }
  return { logs: [], ...rest };
}

function readOthers(file: NamedText): LogPolicy {
  for (const [index, line] of file.text.split('\n').entries()) {
    const [keyword] = line.split(/[ \t]+/).filter((item) => item !== '');
    if (keyword !== undefined && keyword !== 'witness' && !keyword.startsWith('#')) {
      throw new ConfigError(`${file.name}: line ${index + 1}: only lines "witness <name> <vkey> <url>" stand here.`);
    }
  }
  const parsed = parseLogPolicy(`${file.text}${file.text.endsWith('\n') ? '' : '\n'}quorum ${NO_QUORUM}\n`);
  if (!parsed.ok) throw new ConfigError(`${file.name}: ${parsed.detail} (${parsed.code}).`);
  return parsed.value;
}

/** A quorum that the witnesses which are asked can't reach would never be reached, and nobody would notice for long. */
function refuseUnreachable(
  file: NamedText | undefined,
  policy: LogPolicy,
  witnesses: readonly ConfiguredWitness[],
): void {
  const all = witnesses.map(({ cosigner }) => ({ cosigner, time: 1000 }));
  const { met, gaps } = evaluateQuorum(policy, all);
  if (met) return;
  const [gap] = gaps;
  const missing = gap === undefined || gap.absent.length === 0 ? policy.quorum : gap.absent.join(', ');
  throw new ConfigError(
    `${file?.name}: the quorum ${policy.quorum} can't be reached with the witnesses that can be asked: give a URL to ${missing}.`,
  );
}

function submissionPrefix(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  if (url.username !== '' || url.password !== '' || text.includes('?') || text.includes('#')) return undefined;
  return url.href.replace(/\/+$/, '');
}

/** Where a witness stands in its file. */
function at({ name, text }: NamedText, witness: string): string {
  const index = text.split('\n').findIndex((line) => {
    const [keyword, second] = line.split(/[ \t]+/).filter((item) => item !== '');
    return keyword === 'witness' && second === witness;
  });
  return index < 0 ? name : `${name}: line ${index + 1}`;
}
