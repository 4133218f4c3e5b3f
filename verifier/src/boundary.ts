/**
 * What an execution boundary says of itself when it verifies (formats.md §9): which key is its own, and which attempt this is.
 * Its own durable store is the other half of single use: the log says that nobody else may run the action, and only the
 * boundary can say that it has not run it itself.
 */
import { attemptText } from './consumption.ts';
import { digest } from './document.ts';

export type BoundaryPins = {
  /** Of the boundary's own key: `sha256:<hex>`. */
  readonly keyid: string;
} & (
  | {
      /** The attempt that the boundary made, wrote down, and has not yet dispatched. */
      readonly attempt: string;
    }
  | {
      /** Instead of a consumption in the log, where the statement names one boundary. */
      readonly record: BoundaryRecord;
    }
);

/** From the boundary's own durable store, whose key is the statement digest, so that there is one of each approval. */
export type BoundaryRecord = {
  /** Statement digest, `sha256:<hex>`. */
  readonly approval: string;
  /** Intent digest, `sha256:<hex>`. */
  readonly intent: string;
  /** Whether the action was handed on already, or may have been. */
  readonly dispatched: boolean;
};

/** @throws TypeError that names the member which is wrong: the caller made it. */
export function refuseBadPins(boundary: BoundaryPins): void {
  const wrong = (member: string, form: string): never => {
    throw new TypeError(`boundary.${member}: not ${form}`);
  };
  const digestForm = '"sha256:" and 64 lower-case hexadecimal digits';
  if (typeof boundary !== 'object' || boundary === null) throw new TypeError('boundary: not an object');
  if (!isDigest(boundary.keyid)) wrong('keyid', digestForm);
  if (!('record' in boundary)) {
    if (!attemptText(boundary.attempt ?? null).ok) wrong('attempt', 'base64url of 16 bytes');
    return;
  }
  if ('attempt' in boundary) wrong('record', 'alone: an attempt stands beside it');
  const { record } = boundary;
  if (typeof record !== 'object' || record === null) wrong('record', 'an object');
  if (!isDigest(record.approval)) wrong('record.approval', digestForm);
  if (!isDigest(record.intent)) wrong('record.intent', digestForm);
  if (typeof record.dispatched !== 'boolean') wrong('record.dispatched', 'true or false');
}

function isDigest(value: string | undefined): boolean {
  return digest(value ?? null).ok;
}
