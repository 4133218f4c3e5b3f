import { createApproval, createServiceKey } from '@assent/test-support';
import { startWitnessServer, type WitnessServer } from '@assent/test-support/witness-server';
import { type Checkpoint, type LogPolicy, parseCheckpoint, parseLogPolicy, parseNote } from '@assent/verifier';
import type { WitnessFailure } from '../../src/metrics.ts';
import { createLogHome, ORIGIN, type TestLogHome } from './test-log.ts';

export const EVERYTHING = { services: ['*'] };

const serviceKey = createServiceKey();

export const submission = (overrides = {}): { kind: 'approval'; content: unknown } => ({
  kind: 'approval',
  content: createApproval({ origin: ORIGIN, serviceKey, overrides }).envelope,
});

export type WitnessedHome = TestLogHome & {
  /** By name. */
  readonly witnesses: Readonly<Record<string, WitnessServer>>;
  /** A policy file of all witnesses and these lines. */
  policyFile(lines: string): { readonly name: string; readonly text: string };
  /** The same for a verifier, with the log in it. */
  policy(lines: string): LogPolicy;
};

/** A log's home, and witnesses that know the log. @param mlDsa those of the names that cosign with ML-DSA-44. */
export async function createWitnessedHome(
  names: readonly string[],
  mlDsa: readonly string[] = [],
): Promise<WitnessedHome> {
  const home = await createLogHome();
  const started = await Promise.all(
    names.map((name) => startWitnessServer({ name, logVkeys: [home.vkey], mlDsa: mlDsa.includes(name) })),
  );
  const lines = started.map(({ policyLine }) => policyLine).join('');
  return {
    ...home,
    witnesses: Object.fromEntries(names.map((name, i) => [name, started[i]!])),
    policyFile: (rest) => ({ name: 'policy', text: lines + rest }),
    policy(rest) {
      const policy = parseLogPolicy(`log ${home.vkey}\n${lines}${rest}`);
      if (!policy.ok) throw new TypeError(policy.detail);
      return policy.value;
    },
    async remove() {
      await home.remove();
      await Promise.all(started.map((server) => server.close()));
    },
  };
}

/** Counts what a log tells of its witnesses. */
export function recordEvents() {
  const answered: { name: string; size: number }[] = [];
  const failed: { name: string; reason: WitnessFailure }[] = [];
  return {
    answered,
    failed,
    witnessAnswered: (name: string, _: number, size: number) => void answered.push({ name, size }),
    witnessFailed: (name: string, reason: WitnessFailure) => void failed.push({ name, reason }),
  };
}

/** Waits for something that comes by itself, without a fixed pause. */
export async function eventually<T>(what: string, find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const until = Date.now() + 30_000;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The checkpoint in a receipt. */
export function checkpointIn(receipt: string): Checkpoint & { readonly signers: readonly string[] } {
  const proof = String(JSON.parse(receipt).proof);
  return readCheckpoint(proof.slice(proof.indexOf('\n\n') + 2));
}

export function readCheckpoint(note: string): Checkpoint & { readonly signers: readonly string[] } {
  const parsed = parseNote(note);
  const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
  if (!parsed.ok || !checkpoint.ok) throw new TypeError('note: not a checkpoint');
  return { ...checkpoint.value, signers: parsed.value.signatures.map(({ name }) => name) };
}
