import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseVkey } from '@assent/verifier';
import type { MonitorFlags } from '../commands/monitor.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { readJsonInput } from '../files/read-input.ts';
import { StateFile } from '../files/state-file.ts';
import { LogClient } from '../http/log-client.ts';
import { interruptible } from '../interrupt.ts';
import { httpFiles } from '../log-source/http-files.ts';
import { TiledLog } from '../log-source/tiled-log.ts';
import { parseBaseUrl } from '../log-url.ts';
import { commandSink } from '../monitor/command-sink.ts';
import { Monitor, type Standing } from '../monitor/monitor.ts';
import { MONITOR_STATE, type MonitorState } from '../monitor/monitor-state.ts';
import { deliverAll, Outbox, type Sink } from '../monitor/outbox.ts';
import { parseRules, type Rule } from '../monitor/rules.ts';
import { stdoutSink } from '../monitor/stdout-sink.ts';
import { TrustedKeys } from '../monitor/trusted-keys.ts';
import { parseWebhookUrl, readWebhookSecret, webhookSink } from '../monitor/webhook.ts';
import { type Pinned, readPinned, withLogKeys } from '../pinned.ts';
import { readPinnedAuthority } from '../pinned-authority.ts';
import { primitives } from '../primitives.ts';
import { say } from '../terminal/output.ts';

const MAX_RULES_BYTES = 1024 * 1024;
/** With --once, before an event is left for the next run. */
const ATTEMPTS_ONCE = 3;
/** Of a command that was started for an event, and of a webhook. */
const TELL_TIMEOUT_MS = 60_000;

const OUTPUT_CLOSED = Symbol('nobody reads standard output');

const EXIT_CODES: Readonly<Record<Standing, ExitCode>> = {
  good: EXIT.ok,
  incomplete: EXIT.usage,
  outage: EXIT.network,
  caught: EXIT.bad,
};

export async function monitor(location: string, flags: MonitorFlags): Promise<ExitCode> {
  const base = parseBaseUrl(location, 'the log');
  const rules = await readRules(flags);
  const trusted = await readTrusted(flags, rules);
  const given = await readPinned(flags);
  const tellers = await readTellers(flags);
  const client = new LogClient(base, flags.timeout * 1000);
  return interruptible(async (interrupted) => {
    const stateFile = await StateFile.open(flags.state, MONITOR_STATE, { signal: interrupted });
    try {
      const { origin, pinned } = await pinOne(given, stateFile, client);
      const closed = new AbortController();
      const signal = AbortSignal.any([interrupted, closed.signal]);
      setMaxListeners(0, signal);
      const sinks = [stdoutSink(() => closed.abort(OUTPUT_CLOSED)), ...tellers];
      sayForgotten(stateFile.state, sinks);
      const { timeout, concurrency, attempts } = flags;
      const files = httpFiles(base, { timeoutMs: timeout * 1000, concurrency, signal, attempts });
      const outbox = new Outbox(stateFile.state?.outbox ?? [], sinks);
      const watching = await Monitor.open({
        source: new TiledLog(files),
        files,
        origin,
        pinned,
        rules,
        trusted,
        stateFile,
        outbox,
        primitives,
        signal,
        from: flags.from === 'now' ? undefined : flags.from,
        staleAfterMs: flags.staleAfter * 1000,
        outageAfterMs: flags.outageAfter * 1000,
        concurrency,
        misbehaviourFile: `${flags.state}.misbehaviour.json`,
        onFatal: (error) => closed.abort(error),
      });
      return await run({ location, watching, outbox, sinks, signal, closed: closed.signal, flags });
    } finally {
      await stateFile.close();
    }
  });
}

type Running = {
  readonly location: string;
  readonly watching: Monitor;
  readonly outbox: Outbox;
  readonly sinks: readonly Sink[];
  /** Ends it: an interruption, or `closed`. */
  readonly signal: AbortSignal;
  /** Nobody reads standard output any more, or the state cannot be saved (then with the reason). */
  readonly closed: AbortSignal;
  readonly flags: MonitorFlags;
};

async function run({ location, watching, outbox, sinks, signal, closed, flags }: Running): Promise<ExitCode> {
  const stop = (): void => outbox.stop();
  signal.addEventListener('abort', stop);
  const deliveries = sinks.map((sink) =>
    deliverAll(sink, {
      outbox,
      signal,
      ...(flags.once && { attempts: ATTEMPTS_ONCE }),
      onAcknowledged: () => watching.saveSoon(),
      onFailure: (message) => say(message),
    }),
  );
  try {
    const { next } = watching;
    const from = next === undefined ? 'its newest head' : `entry ${next}`;
    if (!flags.once) say(`following ${location}, from ${from} on`);
    let standing = await watching.poll();
    while (!flags.once) {
      await sleep(flags.interval * 1000, undefined, { signal });
      standing = await watching.poll();
    }
    outbox.close();
    await Promise.all(deliveries);
    const code = EXIT_CODES[standing];
    return code === EXIT.ok && outbox.size > 0 ? EXIT.usage : code;
  } catch (error) {
    if (!signal.aborted) throw error;
    // Whoever read the output has enough: that is no failure.
    if (closed.reason === OUTPUT_CLOSED) return EXIT.ok;
    throw signal.reason;
  } finally {
    stop();
    await Promise.all(deliveries);
    await watching.save();
    signal.removeEventListener('abort', stop);
  }
}

/** What was for somebody who is not to be told any more waits for ever, and that is not to go unnoticed. */
function sayForgotten(state: MonitorState | undefined, sinks: readonly Sink[]): void {
  const names = new Set((state?.outbox ?? []).flatMap(({ to }) => to));
  for (const { name } of sinks) names.delete(name);
  for (const name of names) say(`warning: there are events in the state file for a ${name}, and none is given now`);
}

async function readRules(flags: MonitorFlags): Promise<readonly Rule[]> {
  const one = (id: string, about: Rule['about']): Rule => ({ id, when: 'logged', about });
  const made: readonly Rule[] = [
    ...(flags.key ?? []).map((key) => one(`key:${key}`, { key })),
    ...(flags.holder ?? []).map((holder) => one(`holder:${holder}`, { holder })),
    ...(flags.service ?? []).map((service) => one(`service:${service}`, { service })),
    ...(flags.action ?? []).map((action) => one(`action:${action}`, { action })),
    ...(flags.requester ?? []).map((requester) => one(`requester:${requester}`, { requester })),
    ...(flags.untrustedKeys ? [{ id: 'untrusted-keys', when: 'untrusted_key', about: {} } as const] : []),
    ...(flags.unapproved ? [{ id: 'unapproved', when: 'unapproved', about: {} } as const] : []),
    ...(flags.unconsumedAfter === undefined
      ? []
      : [{ id: 'unconsumed', when: 'unconsumed', afterMs: flags.unconsumedAfter * 1000, about: {} } as const]),
  ];
  if (flags.rules === undefined) return made;
  const document = await readJsonInput(flags.rules, 'the rules', MAX_RULES_BYTES);
  return [...parseRules(document, flags.rules), ...made];
}

async function readTrusted(flags: MonitorFlags, rules: readonly Rule[]): Promise<TrustedKeys | undefined> {
  const { trustRoot } = await readPinnedAuthority(flags);
  if (trustRoot === undefined) {
    const needs = rules.find(({ when, about }) => when === 'untrusted_key' || about.holder !== undefined);
    if (needs === undefined) return undefined;
    const message = `rule ${needs.id} needs a trust root, which says whose keys count: --trust-root and --trust-versions`;
    throw new CommandFailure('usage', message);
  }
  if (!('chain' in trustRoot))
    throw new CommandFailure('usage', '--trust-root needs its versions: --trust-versions FILE');
  return new TrustedKeys(trustRoot.chain);
}

/** Whom to tell beside standard output. */
async function readTellers(flags: MonitorFlags): Promise<readonly Sink[]> {
  const { webhook, webhookSecretFile, command, commandArg = [] } = flags;
  if (webhook === undefined && webhookSecretFile !== undefined)
    throw new CommandFailure('usage', '--webhook-secret-file goes with --webhook');
  if (command === undefined && commandArg.length > 0)
    throw new CommandFailure('usage', '--command-arg goes with --command');
  const sinks: Sink[] = [];
  if (webhook !== undefined) {
    sinks.push(webhookSink(parseWebhookUrl(webhook), await readWebhookSecret(webhookSecretFile), TELL_TIMEOUT_MS));
  }
  if (command !== undefined) sinks.push(commandSink(command, commandArg, TELL_TIMEOUT_MS));
  return sinks;
}

/** Which log this is, and its keys: the user's, else those with which the state began, else those that the log names. */
async function pinOne(
  given: Pinned,
  { state, path }: StateFile<MonitorState>,
  client: LogClient,
): Promise<{ readonly origin: string; readonly pinned: Pinned }> {
  const remembered = state !== undefined && given.logKeys.length === 0 ? { ...given, logKeys: state.logKeys } : given;
  const pinned = await withLogKeys(remembered, client);
  const names = new Map(pinned.logKeys.map((vkey) => [vkey, nameOf(vkey)]));
  const origin = state?.origin ?? names.values().next().value;
  if (origin === undefined) throw new CommandFailure('usage', 'no log is named: pass --log-key');
  const logKeys = pinned.logKeys.filter((vkey) => names.get(vkey) === origin);
  if (logKeys.length === 0) {
    throw new CommandFailure(
      'usage',
      `${path} is of ${origin}, and no key of that log is given: choose another --state`,
    );
  }
  if (state === undefined && new Set(names.values()).size > 1) {
    throw new CommandFailure('usage', 'several logs are named: say with --log-key which one this is');
  }
  return { origin, pinned: { ...pinned, logKeys } };
}

function nameOf(vkey: string): string | undefined {
  const key = parseVkey(vkey);
  return key.ok ? key.value.name : undefined;
}
