/** What several commands take, read and checked the same way in each. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../exit-codes.ts';

export const DEFAULT_TIMEOUT_SECONDS = 30;

export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function seconds(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new InvalidArgumentError('It takes whole seconds, 1 to 9999.');
  return Number(text);
}

function count(most: number): (text: string) => number {
  return (text) => {
    const value = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) throw new InvalidArgumentError(`It takes a whole number, 1 to ${most}.`);
    return value;
  };
}

export const logKeyOption = (): Option =>
  new Option(
    '--log-key <vkey|file>',
    'public key of the log, pinned by you: name+hash+key, or a file with one a line; repeatable',
  ).argParser(collect);

export const logPolicyOption = (): Option =>
  new Option(
    '--log-policy <file>',
    'a C2SP tlog-policy, pinned by you: which logs are accepted, and which witnesses have to have cosigned',
  );

export const ownersApiKeyOption = (): Option =>
  new Option(
    '--api-key-file <file>',
    'file of an API key, for sealed entries by digest or service/id: the log finds them for their owner alone',
  );

export const apiKeyOption = (): Option =>
  new Option('--api-key-file <file>', 'file of the API key, else the environment: ASSENT_API_KEY, ASSENT_API_KEY_FILE');

export const passphraseOption = (): Option =>
  new Option('--passphrase-file <file>', 'file of the passphrase of that key, if it has one');

export type Wait = 'signed' | 'witnessed';

export const waitOption = (description: string): Option =>
  new Option('--wait <until>', description).choices(['signed', 'witnessed'] satisfies Wait[]).default('signed');

export const timeoutOption = (): Option =>
  new Option('--timeout <seconds>', 'how long one request may take')
    .argParser(seconds)
    .default(DEFAULT_TIMEOUT_SECONDS);

export const concurrencyOption = (): Option =>
  new Option('--concurrency <number>', 'how many requests at once').argParser(count(256)).default(8);

export const attemptsOption = (): Option =>
  new Option('--attempts <number>', 'how often a request is sent before its failure counts; pauses double in between')
    .argParser(count(20))
    .default(5);

export const jsonOption = (): Option =>
  new Option('--json', 'print one JSON document on standard output, on failure too');

export type SharedFlags = {
  readonly logKey?: readonly string[];
  readonly logPolicy?: string;
  readonly timeout: number;
};

/** How a command tells its exit code, as `process.exit` would cut off output that is still on its way. */
export type Finish = (exitCode: ExitCode) => void;

export type AddCommand = (program: Command, finish: Finish) => void;
