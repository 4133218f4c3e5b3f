import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../config/config-error.ts';
import type { Flags } from '../config/load-config.ts';
import { finalCheckpoint } from '../final-checkpoint.ts';
import { changeLog } from '../store/change-log.ts';
import { CommandFailed } from './keys.ts';
import { type SigningLog, withSigningLog } from './open-signing-log.ts';

export type CloseOptions = {
  readonly successor?: string | undefined;
  readonly withoutSuccessor?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly yes?: boolean | undefined;
  /** Where the final checkpoint goes; absent: `final-checkpoint` in the data directory. */
  readonly out?: string | undefined;
};

/** How long the quorum's cosignatures of the final checkpoint are waited for, in ms. */
const WITNESSES_MS = 10_000;

const IRREVERSIBLE =
  'Closing is for ever: the log signs a final checkpoint and takes no entry after it. What it holds can be read as before.';

/**
 * `assent-log close`: ends the log. Works beside running servers, which learn of it at the next append or look at the chain.
 * Asked again, it shows the end that there is.
 */
export async function closeLog(options: CloseOptions, flags: Flags): Promise<void> {
  const successor = readSuccessor(options);
  const reason = readReason(options.reason);
  await withSigningLog(flags, async (log) => {
    const before = log.timeline.at().closed;
    if (successor === log.origin) throw new ConfigError('--successor must be another log than this one.');
    if (before === undefined) await confirm(log.origin, options.yes === true);
    await changeLog(log.database, ({ closed }) => {
      if (closed === undefined) return { kind: 'close', successor, reason };
      if (closed.successor === successor) return undefined;
      throw new CommandFailed(
        `This log was closed on ${new Date(closed.at).toISOString()} with ${closed.successor === undefined ? 'no successor' : `the successor ${closed.successor}`}, and that cannot be changed.`,
      );
    });
    await hand(log, options.out);
  });
}

/** Signs the final head, as every server does, and gives it to the operator. */
async function hand({ log, config, origin }: SigningLog, out: string | undefined): Promise<void> {
  const { closed } = log.identityAt((await log.head()).seq);
  if (closed === undefined) throw new CommandFailed('The final head is not signed yet: run this again.');
  const { size, checkpoint, witnessed } = await finalCheckpoint(log, WITNESSES_MS);
  const file = out === undefined ? path.join(config.dataDir, 'final-checkpoint') : path.resolve(out);
  await writeFile(file, checkpoint);
  process.stdout.write(checkpoint);
  process.stderr.write(
    `${[
      `${origin} is closed since ${new Date(closed.at).toISOString()}, with ${size} entries and ${closed.successor === undefined ? 'no successor' : `the successor ${closed.successor}`}.`,
      `The final checkpoint (above) is in ${file}. Keep it and publish it: it proves what the log held at its end.`,
      ...(witnessed ? [] : ['The witness quorum has not cosigned it yet: run this again later for their lines.']),
    ].join('\n')}\n`,
  );
}

async function confirm(origin: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CommandFailed(`${IRREVERSIBLE} Run it again with --yes.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await terminal.question(`${IRREVERSIBLE}\nType the log's name (${origin}) to close it: `);
    if (typed.trim() !== origin) throw new CommandFailed('That is not the name. Nothing was changed.');
  } finally {
    terminal.close();
  }
}

function readSuccessor({ successor, withoutSuccessor = false }: CloseOptions): string | undefined {
  if ((successor === undefined) !== withoutSuccessor) {
    throw new ConfigError('Say where the log goes on: --successor <origin, vkey or address>, or --without-successor.');
  }
  if (successor !== undefined && !/^[\x21-\x7e]{1,512}$/.test(successor)) {
    throw new ConfigError('--successor must be 1 to 512 printable ASCII characters without spaces.');
  }
  return successor;
}

function readReason(reason: string | undefined): string | undefined {
  if (reason !== undefined && (reason.trim() === '' || reason.length > 500 || /\p{Cc}/u.test(reason))) {
    throw new ConfigError('--reason must be one line of 1 to 500 characters.');
  }
  return reason;
}
