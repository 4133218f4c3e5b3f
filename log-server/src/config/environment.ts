import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from './config-error.ts';
import { OPTIONS, type OptionSpec } from './options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment, and below it a file of the same form: the one that `config` or ASSENT_CONFIG names, else `.env` of the
 * folder. An empty variable counts as absent, because that is how compose files and unit files leave one out.
 *
 * @throws {ConfigError} for a file that can't be read, and for a name that looks like a setting and is none: a mistyped
 *   limit would be no limit
 */
export function readEnvironment(config: string | undefined, environment: Environment, folder: string): Environment {
  const own = withoutEmpty(environment);
  refuseUnknown(Object.keys(own).filter(isOurs), 'the environment');
  const named = config ?? own[OPTIONS.config.env];
  const file = path.resolve(folder, named ?? '.env');
  if (named === undefined && !existsSync(file)) return own;
  const inFile = readFile(file);
  // `.env` may be another program's as well; a file that was named is ours.
  refuseUnknown(named === undefined ? Object.keys(inFile).filter(isOurs) : Object.keys(inFile), file);
  return { ...inFile, ...own };
}

const SPECS: readonly OptionSpec<unknown>[] = Object.values(OPTIONS);
const SETTINGS = new Set(['NODE_ENV', ...SPECS.flatMap(({ env, secret }) => (secret ? [env, `${env}_FILE`] : [env]))]);

/** What the command line `assent` and the tests of this project read. */
const OTHERS = /^ASSENT_(API_KEY(_FILE)?|ROUNDS|SEED|TEST_.*)$/;
/** What Kubernetes puts into every container beside a service that is called "assent…". */
const KUBERNETES = /_SERVICE_(HOST|PORT(_.*)?)$|_PORT_[0-9]+_(TCP|UDP)(_(PROTO|PORT|ADDR))?$/;

function isOurs(name: string): boolean {
  return name.startsWith('ASSENT_') && !OTHERS.test(name) && !KUBERNETES.test(name);
}

function refuseUnknown(names: readonly string[], where: string): void {
  const unknown = names.find((name) => !SETTINGS.has(name) && !OTHERS.test(name));
  if (unknown === undefined) return;
  const [nearest] = [...SETTINGS].map((name) => ({ name, off: distance(name, unknown) })).sort((a, b) => a.off - b.off);
  const hint = nearest !== undefined && nearest.off <= 4 ? ` Did you mean ${nearest.name}?` : '';
  throw new ConfigError(
    `There is no setting ${unknown.slice(0, 100)}, but ${where} sets it.${hint} See assent-log serve --help.`,
  );
}

/** Levenshtein: how many characters have to be changed, added or dropped. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(changed, above[j]! + 1, row[j - 1]! + 1));
    }
  }
  return row[b.length]!;
}

function readFile(file: string): Environment {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError(`${file} cannot be read (${code}).`);
  }
  const wrong = malformedLine(text);
  if (wrong !== undefined) {
    throw new ConfigError(`Line ${wrong} of ${file} is neither NAME=value nor a comment, which begins with #.`);
  }
  return withoutEmpty(parseEnv(text));
}

/**
 * The number of the first line that `parseEnv` would pass over or join with another: a setting that is lost so may be the
 * one that can't be changed later. Undefined if there is none.
 */
function malformedLine(text: string): number | undefined {
  let open: string | undefined;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (open !== undefined) {
      if (line.includes(open)) open = undefined;
      continue;
    }
    if (/^\s*(#.*)?$/.test(line)) continue;
    const value = /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*(.*)$/.exec(line)?.[1];
    if (value === undefined) return i + 1;
    // A value in quotation marks may go on in the next lines.
    const quote = /^["'`]/.exec(value)?.[0];
    if (quote !== undefined && !value.includes(quote, 1)) open = quote;
  }
  return undefined;
}

function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
}
