/**
 * Events as HTTP POSTs, signed as Standard Webhooks says (https://www.standardwebhooks.com), for which there are libraries:
 *
 *     webhook-id: evt_7c1f…                   the event's id: the same again is the same event
 *     webhook-timestamp: 1775235662           seconds, of this attempt
 *     webhook-signature: v1,<base64 of HMAC-SHA256 over "<id>.<timestamp>.<body>">
 *
 * Any 2xx acknowledges it; redirects are not followed.
 */
import { createHmac } from 'node:crypto';
import { base64Decode } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readSecret } from '../files/read-secret.ts';
import { request } from '../http/request.ts';
import { parseRetryAfter } from '../http/retry.ts';
import { isInTheClear, parseHttpUrl } from '../log-url.ts';
import { say } from '../terminal/output.ts';
import type { MonitorEvent } from './event.ts';
import { type Sink, TryLater } from './outbox.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;
const PREFIX = 'whsec_';

/** @param secret 24 to 64 bytes */
export function webhookSink(url: URL, secret: Uint8Array, timeoutMs: number): Sink {
  return {
    name: 'webhook',
    async deliver(event, signal) {
      const body = JSON.stringify(event);
      const headers = signedHeaders(event, body, secret, Date.now());
      const accept = '*/*';
      const answer = await request({ url, accept, json: body, headers, maxBytes: MAX_ANSWER_BYTES, timeoutMs, signal });
      if (answer.status >= 200 && answer.status <= 299) return;
      throw new TryLater(`${url.host} answered ${answer.status}`, parseRetryAfter(answer.retryAfter) ?? 0);
    },
  };
}

/** @param now milliseconds */
export function signedHeaders(
  { id }: Pick<MonitorEvent, 'id'>,
  body: string,
  secret: Uint8Array,
  now: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
}

export function parseWebhookUrl(text: string): URL {
  const url = parseHttpUrl(text, '--webhook');
  if (isInTheClear(url)) say(`warning: what this monitor tells goes to ${url.host} unencrypted; use https`);
  return url;
}

/** From the file, else from ASSENT_WEBHOOK_SECRET: base64 of 24 to 64 bytes, with or without "whsec_" before it. */
export async function readWebhookSecret(file: string | undefined): Promise<Uint8Array> {
  const text = file === undefined ? process.env.ASSENT_WEBHOOK_SECRET : await readSecret(file, 'a secret');
  const from = file ?? 'ASSENT_WEBHOOK_SECRET';
  if (!text) {
    throw new CommandFailure(
      'usage',
      'a secret is needed, with which events are signed: --webhook-secret-file FILE, or ASSENT_WEBHOOK_SECRET',
    );
  }
  const trimmed = text.trim();
  const secret = base64Decode(trimmed.startsWith(PREFIX) ? trimmed.slice(PREFIX.length) : trimmed);
  if (secret.ok && secret.value.length >= 24 && secret.value.length <= 64) return secret.value;
  throw new CommandFailure(
    'file_malformed',
    `${from} holds no secret of 24 to 64 bytes in base64: openssl rand -base64 32`,
  );
}
