import { canonicalJson, createIntent, type Intent, intentDigest, type JsonObject, parseIntent } from '@assent/verifier';
import type { IntentFlags } from '../commands/intent.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { readJsonInput } from '../files/read-input.ts';
import { fromFlags } from '../from-flags.ts';
import { isObject } from '../http/problem.ts';
import { printJson, printText } from '../terminal/output.ts';
import { safeText } from '../terminal/safe-text.ts';

const MAX_BYTES = 16 * 1024 * 1024;

export async function intent(file: string | undefined, flags: IntentFlags): Promise<ExitCode> {
  const { output, json, canonical: bare } = flags;
  if (json && bare) throw new CommandFailure('usage', '--canonical and --json contradict each other');
  const made = file === undefined ? await fromParts(flags) : await fromFile(file, flags);
  const canonical = canonicalJson({ ...made });
  const digest = intentDigest(made);
  if (output !== undefined) await (await OutputFile.prepare(output, 0o600)).commit(canonical);
  if (json) printJson({ type: 'assent/intent-digest/v1', digest, canonical, intent: made });
  // Bytes for a program that hashes them, which escaped characters would not be.
  else if (bare) process.stdout.write(canonical);
  else printText(`digest     ${digest}\ncanonical  ${safeText(canonical)}\n`);
  return EXIT.ok;
}

async function fromFile(file: string, { action, connector, arg, args, schema, salt }: IntentFlags): Promise<Intent> {
  if ((action ?? connector ?? arg ?? args ?? schema ?? salt) !== undefined) {
    throw new CommandFailure('usage', 'pass an intent, or --action, --connector and arguments to make one, not both');
  }
  const read = parseIntent(await readJsonInput(file, 'the intent', MAX_BYTES));
  if (read.ok) return read.value;
  throw new CommandFailure('file_malformed', `${file} is no intent: ${read.detail} (${read.code})`);
}

async function fromParts({ action, connector, arg, args: file, schema, salt }: IntentFlags): Promise<Intent> {
  if (action === undefined || connector === undefined) {
    throw new CommandFailure('usage', 'pass an intent as FILE, or --action and --connector to make one');
  }
  if (arg !== undefined && file !== undefined) {
    throw new CommandFailure('usage', 'pass --arg or --args, not both');
  }
  const args = file === undefined ? readArguments(arg ?? []) : await readArgumentsFile(file);
  return fromFlags(() =>
    createIntent({
      action,
      connector,
      args,
      ...(schema !== undefined && { schema }),
      ...(salt !== undefined && { salt }),
    }),
  );
}

function readArguments(values: readonly string[]): JsonObject {
  const args = values.map((value) => {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
    if (name === undefined || text === undefined) {
      throw new CommandFailure('usage', `--arg takes NAME=VALUE, not ${value.slice(0, 200)}`);
    }
    return [name, text] as const;
  });
  const names = args.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new CommandFailure('usage', `--arg: ${twice} was given twice`);
  return Object.fromEntries(args);
}

async function readArgumentsFile(file: string): Promise<JsonObject> {
  const json = await readJsonInput(file, 'the arguments', MAX_BYTES);
  if (isObject(json)) return json;
  throw new CommandFailure('file_malformed', `${file} holds no arguments: it is not a JSON object`);
}
