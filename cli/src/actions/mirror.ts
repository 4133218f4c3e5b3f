import path from 'node:path';
import type { MirrorFlags } from '../commands/mirror.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { LogClient } from '../http/log-client.ts';
import { interruptible } from '../interrupt.ts';
import { openLogSource } from '../log-source/log-source.ts';
import { isHttpUrl, parseBaseUrl } from '../log-url.ts';
import { MirrorFolder } from '../mirror/mirror-folder.ts';
import { mirrorLog } from '../mirror/mirror-log.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { primitives } from '../primitives.ts';
import { countOf } from '../terminal/count-of.ts';
import { printJson, say } from '../terminal/output.ts';
import { Progress } from '../terminal/progress.ts';

const MIRROR_TYPE = 'assent/mirror/v1';

export async function mirror(location: string, target: string, flags: MirrorFlags): Promise<ExitCode> {
  const { timeout, concurrency, attempts, checkAll = false } = flags;
  if (isHttpUrl(target)) {
    throw new CommandFailure('usage', `${target} is an address: the log comes first, and then the folder of the copy`);
  }
  const given = await readPinned(flags);
  const client = isHttpUrl(location) ? new LogClient(parseBaseUrl(location, 'the log'), timeout * 1000) : undefined;
  if (client === undefined && given.logKeys.length === 0) {
    throw new CommandFailure('usage', 'a folder does not say whose copy it is: pass --log-key or --log-policy');
  }
  return interruptible(async (signal) => {
    const source = await openLogSource(location, { timeoutMs: timeout * 1000, concurrency, signal, attempts });
    const folder = await MirrorFolder.open(target, signal, concurrency);
    const progress = new Progress('entries');
    try {
      const mirrored = await mirrorLog({
        source,
        folder,
        given,
        pinned: () => withLogKeys(given, client),
        checkAll,
        concurrency,
        primitives,
        signal,
        misbehaviourFile: `${path.resolve(target)}.misbehaviour.json`,
        onProgress: (done, total) => progress.show(done, total),
      });
      progress.clear();
      report(mirrored, { location: source.name, folder: target }, flags.json === true);
      return EXIT.ok;
    } finally {
      progress.clear();
      await folder.close();
      await source.close();
    }
  });
}

function report(
  mirrored: Awaited<ReturnType<typeof mirrorLog>>,
  { location, folder }: { readonly location: string; readonly folder: string },
  json: boolean,
): void {
  const isNew = mirrored !== 'unchanged';
  if (json) printJson({ type: MIRROR_TYPE, log: location, folder, changed: isNew, ...(isNew && mirrored) });
  else if (!isNew) say(`nothing is new: ${folder} is what ${location} shows`);
  else {
    const { origin, size, from, withheld } = mirrored;
    const missing = withheld.length === 0 ? '' : `; withheld by the log: ${withheld.join(', ')}`;
    say(`${folder} holds ${countOf(size, 'entry')} of ${origin}, ${size - from} of them new${missing}`);
  }
}
