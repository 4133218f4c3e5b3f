/**
 * An attempt to use up an approval: the signed consumption, in a file of its own before it is sent. Of a boundary that crashes it is the
 * only memory of which consumption in the log is its own (formats.md §9).
 */
import {
  CONSUMPTION_PAYLOAD_TYPE,
  type Consumption,
  createAttempt,
  formatConsumption,
  formatEnvelope,
  formatTime,
  type JsonObject,
  parseConsumption,
  parseEnvelope,
  preAuthEncoding,
  verifyEnvelope,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { createWhole } from '../files/create-whole.ts';
import { readJsonInput } from '../files/read-input.ts';
import { fromFlags } from '../from-flags.ts';
import { isObject } from '../http/problem.ts';
import type { SigningKey } from '../signing-key.ts';

const MAX_BYTES = 64 * 1024;

export type Attempt = {
  /** Content of the entry. */
  readonly envelope: JsonObject;
  readonly attempt: string;
  readonly keyid: string;
};

/** What is consumed, and by whom. */
export type Consumer = Pick<Consumption, 'approval' | 'intent' | 'boundary'> & { readonly key: SigningKey };

/** Signs a new one, and returns when it is on disk. Throws a CommandFailure where the file is there. */
export async function newAttempt(file: string, { key, ...what }: Consumer): Promise<Attempt> {
  const attempt = createAttempt();
  const payload = fromFlags(() => formatConsumption({ ...what, attempt, at: formatTime(Date.now()) }));
  const sig = await key.sign(preAuthEncoding(CONSUMPTION_PAYLOAD_TYPE, payload));
  const { publicKey } = key;
  const envelope = formatEnvelope({ payloadType: CONSUMPTION_PAYLOAD_TYPE, payload, signatures: [{ publicKey, sig }] });
  if (await createWhole(file, `${JSON.stringify(envelope, null, 2)}\n`)) {
    return { envelope, attempt, keyid: publicKey.keyid };
  }
  const message =
    `${file} holds an attempt that was made already, and the action may have run. ` +
    'If you know that it did not, --resume goes on with that attempt; a new one would be refused by the log';
  throw new CommandFailure('file_exists', message);
}

/** The one that is there, which has to be of the same approval, key and name. */
export async function readAttempt(file: string, { key, ...what }: Consumer): Promise<Attempt> {
  const json = await readJsonInput(file, 'the attempt', MAX_BYTES);
  const wrong = (why: string) => new CommandFailure('file_malformed', `${file} is no attempt of this approval: ${why}`);
  const envelope = parseEnvelope(json);
  if (!envelope.ok || !isObject(json)) throw wrong('it is no envelope');
  const signers = await verifyEnvelope(envelope.value);
  if (!signers.ok) throw wrong(`${signers.detail} (${signers.code})`);
  const consumption = parseConsumption(envelope.value.payload);
  if (!consumption.ok || envelope.value.payloadType !== CONSUMPTION_PAYLOAD_TYPE)
    throw wrong('it holds no consumption');
  const keyids = signers.value.map(({ publicKey }) => publicKey.keyid).join();
  if (keyids !== key.publicKey.keyid) throw wrong('another key signed it');
  const names = ['approval', 'intent', 'boundary'] as const;
  const other = names.find((name) => consumption.value[name] !== what[name]);
  if (other !== undefined) throw wrong(`its ${other} is another one`);
  return { envelope: json, attempt: consumption.value.attempt, keyid: keyids };
}
