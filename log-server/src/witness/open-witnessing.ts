import { readFileSync } from 'node:fs';
import { type NoteVerifier, parseVkey } from '@assent/verifier';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/load-config.ts';
import { activeKeys, type LogTimeline } from '../log-timeline.ts';
import type { Metrics } from '../metrics.ts';
import type { LogKeys } from './log-keys.ts';
import type { WitnessEvents } from './witness-events.ts';
import { type NamedText, readWitnessSettings } from './witness-settings.ts';
import { Witnessing, type WitnessingOptions } from './witnessing.ts';

export type WitnessFiles = {
  /** A C2SP tlog-policy. */
  readonly policy?: NamedText | undefined;
  /** Witnesses outside the quorum. */
  readonly others?: NamedText | undefined;
  /** Least time between two heads that they are asked about, in ms. */
  readonly intervalMs: number;
  /** How long one request may take, in ms. */
  readonly timeoutMs?: number;
  /** Told instead of the metrics. */
  readonly events?: WitnessEvents;
};

type Parts = Pick<
  WitnessingOptions,
  'kysely' | 'reads' | 'publisher' | 'cache' | 'origin' | 'logger' | 'now' | 'primitives'
> & {
  readonly timeline: LogTimeline;
  /** From a raw public key. */
  readonly vkeyOf: (publicKey: Uint8Array) => string;
  readonly metrics: Metrics;
};

/** @throws {ConfigError} for files that a log can't be run with */
export function openWitnessing({ timeline, vkeyOf, metrics, ...parts }: Parts, files?: WitnessFiles): Witnessing {
  const verifier = (publicKey: Uint8Array): NoteVerifier => {
    const key = parseVkey(vkeyOf(publicKey), parts.primitives.sha256);
    if (!key.ok) throw new TypeError(`publicKey: ${key.detail}`);
    return key.value;
  };
  const logKeys: LogKeys = {
    active: () => activeKeys(timeline.at()).map(verifier),
    known: () => [
      ...activeKeys(timeline.at()).map(verifier),
      ...timeline.at().retired.map(({ publicKey }) => verifier(publicKey)),
    ],
  };
  const settings = readWitnessSettings(files ?? {}, logKeys.known());
  for (const warning of settings.warnings) parts.logger.warn(warning);
  metrics.expectWitnesses(settings.witnesses.map(({ name }) => name));
  const { intervalMs = 0, timeoutMs, events = metrics } = files ?? {};
  return new Witnessing({
    ...parts,
    logKeys,
    settings,
    intervalMs,
    events,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

/** The witnesses that the settings name. @throws {ConfigError} for a file that can't be read */
export function configuredWitnesses(
  config: Pick<Config, 'witnessPolicy' | 'witnesses' | 'witnessInterval'>,
): WitnessFiles {
  return {
    policy: readNamedFile('ASSENT_WITNESS_POLICY', config.witnessPolicy),
    others: readNamedFile('ASSENT_WITNESSES', config.witnesses),
    intervalMs: config.witnessInterval,
  };
}

/** @param setting what the file was named by. @throws {ConfigError} */
function readNamedFile(setting: string, file: string | undefined): NamedText | undefined {
  if (file === undefined) return undefined;
  try {
    return { name: `${setting} (${file})`, text: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError(`${setting}: ${file} cannot be read (${code}).`);
  }
}
