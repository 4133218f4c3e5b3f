/** A witness from its start to its end: key, state and list of logs, a server, and what its operator is told. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { equalBytes } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { countOf } from '../terminal/count-of.ts';
import { printJson, say } from '../terminal/output.ts';
import { keepFork } from './keep-fork.ts';
import { readLogList } from './log-list.ts';
import { createMetricsServer } from './metrics-server.ts';
import { type Logs, Witness, type WitnessEvent } from './witness.ts';
import { canCosign, loadWitnessKeys, type WitnessKey } from './witness-key.ts';
import { type Outcome, WitnessMetrics } from './witness-metrics.ts';
import { createWitnessServer } from './witness-server.ts';
import { type Cosigned, WitnessState } from './witness-state.ts';

/** For what is under way when it is stopped. */
const STOP_MS = 10_000;
/** For how long a call that could not be cosigned counts against being ready. */
const TROUBLE_MS = 30_000;

export type ServeOptions = {
  readonly keyFiles: readonly string[];
  readonly stateFolder: string;
  readonly logsFile: string;
  readonly host: string;
  readonly port: number;
  /** Where metrics are, if anywhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** Whether to print a JSON document on standard output once it runs. */
  readonly json: boolean;
};

/** Resolves when `signal` asked it to stop and what was under way is answered. Throws CommandFailure. */
export async function serveWitness(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const keys = await loadWitnessKeys(options.keyFiles);
  const logs = await loadLogs(options.logsFile, keys);
  const vkeys = keys.map(({ cosigner }) => cosigner.vkey);
  const state = await WitnessState.open(options.stateFolder, { witnesses: vkeys });
  const failed = new AbortController();
  try {
    const teller = new Teller(options.stateFolder);
    const metrics = new WitnessMetrics();
    const witness = new Witness({
      keys,
      state,
      logs,
      onEvent: (event) => {
        teller.tell(event);
        if (event.kind === 'fork') metrics.forked();
        // Only a new start, which reads what the disk really holds, can go on from here.
        if (state.broken !== undefined) failed.abort(state.broken);
      },
    });
    const server = createWitnessServer({
      witness,
      isReady: () => !teller.isTroubled,
      onAnswer: (outcome, seconds) => {
        teller.answered(outcome);
        metrics.answered(outcome, seconds);
      },
      onError: (error) => say(`this is a bug in assent, please report it: ${String(error)}`),
    });
    const metricsServer = createMetricsServer(() =>
      metrics.text({
        isReady: !teller.isTroubled,
        listed: witness.logs.size,
        remembered: state.logs,
        newestCosignature: state.lastTime,
      }),
    );
    const metricsUrl =
      options.metrics && `${await listen(metricsServer, options.metrics.host, options.metrics.port)}/metrics`;
    const url = await listen(server, options.host, options.port).catch(async (error: unknown) => {
      await stop(metricsServer);
      throw error;
    });
    const reload = reloader(options.logsFile, witness, keys);
    process.on('SIGHUP', reload);
    try {
      say(
        `witness ${vkeys.join(', ')}`,
        `listens on ${url}`,
        `cosigns for ${countOf(witness.logs.size, 'log')}, and remembers ${countOf(state.logs, 'log')}`,
        ...(metricsUrl === undefined ? [] : [`metrics are at ${metricsUrl}`]),
      );
      if (options.json) {
        const more = metricsUrl === undefined ? {} : { metrics: metricsUrl };
        printJson({ type: 'assent/witness/v1', url, witnesses: vkeys, logs: [...logs.keys()], ...more });
      }
      await aborted(AbortSignal.any([signal, failed.signal]));
    } finally {
      process.off('SIGHUP', reload);
      await stop(server);
      await stop(metricsServer);
    }
  } finally {
    await state.close();
  }
  failed.signal.throwIfAborted();
}

/** The list of logs, but for one that would have the witness vouch for itself. */
async function loadLogs(file: string, keys: readonly WitnessKey[]): Promise<Logs> {
  const { logs, unsupported } = await readLogList(file);
  for (const line of unsupported) say(`${file}, ${line}; it is left out`);
  for (const { publicKey } of [...logs.values()].flat()) {
    if (keys.some(({ cosigner }) => equalBytes(cosigner.raw, publicKey.raw))) {
      throw new CommandFailure('file_malformed', `${file} lists the key of this witness as the key of a log`);
    }
  }
  for (const origin of logs.keys()) {
    if (keys.every((key) => canCosign(key, origin))) continue;
    throw new CommandFailure(
      'file_malformed',
      `${file}: an origin is too long to be cosigned with ML-DSA-44: ${origin}`,
    );
  }
  return logs;
}

/** Reads the list anew, one reading after the other. A list that is wrong changes nothing. */
function reloader(file: string, witness: Witness, keys: readonly WitnessKey[]): () => void {
  let reading = Promise.resolve();
  const reload = async (): Promise<void> => {
    try {
      witness.logs = await loadLogs(file, keys);
      say(`read ${file}: cosigns for ${countOf(witness.logs.size, 'log')}`);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      say(`${error.message}`, 'the list of logs stays as it was');
    }
  };
  return () => {
    reading = reading.then(reload);
  };
}

/** Says what is wrong when it begins and when it is over, not once a call. */
class Teller {
  readonly #folder: string;
  readonly #forked = new Set<string>();
  #trouble: string | undefined;
  #troubledAt = 0;

  /** @param folder of the state */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether a call found lately that nothing is cosigned. Not for ever: who stays away because of that would never find out. */
  get isTroubled(): boolean {
    return this.#trouble !== undefined && performance.now() - this.#troubledAt < TROUBLE_MS;
  }

  tell(event: WitnessEvent): void {
    if (event.kind === 'not_stored') this.#begin(event.failure.message);
    else if (event.kind === 'clock') this.#begin(event.detail);
    else void this.#fork(event.cosigned, event.offered);
  }

  answered(outcome: Outcome): void {
    if (outcome !== 'cosigned' || this.#trouble === undefined) return;
    this.#trouble = undefined;
    say('cosigns again');
  }

  async #fork(cosigned: Cosigned, offered: string): Promise<void> {
    const { origin, size } = cosigned;
    if (this.#forked.has(origin)) return;
    this.#forked.add(origin);
    const kept = await keepFork(this.#folder, cosigned, offered);
    say(`${origin} has signed two trees of size ${size}: it is forked, and anybody can be shown so`, kept);
  }

  #begin(trouble: string): void {
    this.#troubledAt = performance.now();
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    say(trouble, 'nothing is cosigned until that is over');
  }
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the address is in use' : (error.code ?? error.message);
      reject(new CommandFailure('usage', `cannot listen on ${host}:${port}: ${reason}`, { cause: error }));
    });
    server.listen({ host, port }, resolve);
  });
  const address = server.address() as AddressInfo;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

async function stop(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), STOP_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(timer);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
