import { type Json, MAX_RECEIPT_BYTES, parseJson, parseTime, parseVkey, utf8Encode } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { type Reference, receiptPath } from '../reference.ts';
import { isJsonMediaType, isObject, refusal } from './problem.ts';
import { type HttpAnswer, type HttpRequest, request } from './request.ts';
import { withRetries } from './retry.ts';

const RECEIPT_MEDIA_TYPE = 'application/vnd.assent.receipt+json';
/** Problems and what a log says about itself are a few kilobytes. */
const MAX_ABOUT_BYTES = 256 * 1024;
const MAX_KEYS = 16;
/** A key a month for two decades. */
const MAX_RETIRED_KEYS = 256;
/** The limit of signed notes. */
const MAX_CHECKPOINT_BYTES = 1_000_000;
/** A receipt within a problem. */
const CONFLICT_DEPTH = 65;
/** As our formats write identifiers; no '+', which ends the name in a key. People paste it into shells, so nothing else will do. */
const ORIGIN = /^[A-Za-z0-9._:/@-]{1,128}$/;

/** A key that signed a log's heads once, and when the log says that it stopped: RFC 3339. */
export type RetiredKey = { readonly vkey: string; readonly until: string };

/** What a log says about itself, unverified. */
export type LogSelfDescription = {
  readonly origin: string;
  /** That sign its heads now. */
  readonly vkeys: readonly string[];
  readonly retired: readonly RetiredKey[];
  /** When its newest head was signed, as RFC 3339; and the date of the answer, as HTTP writes it. */
  readonly timestamp?: string;
  readonly date?: string;
};

export type Appended = {
  readonly created: boolean;
  readonly unverifiedReceipt: Uint8Array;
  /** The witnesses that were waited for did not cosign in time. */
  readonly late: boolean;
};

/** By this very envelope, or by another one that was first. */
export type Consumed =
  | { readonly by: 'this'; readonly created: boolean; readonly unverifiedReceipt: Uint8Array }
  | { readonly by: 'another'; readonly unverifiedReceipt: Uint8Array };

/** A log over HTTP. Every method throws CommandFailure, and believes nothing that is answered. */
export class LogClient {
  readonly #base: URL;
  readonly #timeoutMs: number;
  readonly #readKey: string | undefined;

  /**
   * @param base its path ends in "/".
   * @param readKey the API key with which receipts are asked for; without it by anybody.
   */
  constructor(base: URL, timeoutMs: number, readKey?: string) {
    this.#base = base;
    this.#timeoutMs = timeoutMs;
    this.#readKey = readKey;
  }

  get host(): string {
    return this.#base.host;
  }

  get address(): string {
    return this.#base.href;
  }

  /** Of one request. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  async describe(): Promise<LogSelfDescription> {
    const answer = await this.#send('api/v1/log', { accept: 'application/json', maxBytes: MAX_ABOUT_BYTES });
    const described = readSelfDescription(expectJson(answer, [200]));
    if (described !== undefined) return described;
    const message = `${this.host} does not say what its keys are in the way in which an Assent log does: is the address right?`;
    throw new CommandFailure('answer_malformed', message);
  }

  /** The signed note, unverified. */
  async checkpoint(): Promise<Uint8Array> {
    const answer = await this.#send('checkpoint', { accept: 'text/plain', maxBytes: MAX_CHECKPOINT_BYTES });
    if (answer.status !== 200) throw refusal(answer);
    return answer.body;
  }

  /** Throws unless the log says that it can append. */
  async ready(): Promise<void> {
    const answer = await this.#send('readyz', { accept: 'text/plain', maxBytes: MAX_ABOUT_BYTES });
    if (answer.status !== 200) throw refusal(answer);
  }

  /** Throws unless the log knows the key: nothing is sent that a log could store, and it looks at the key first. */
  async tryApiKey(apiKey: string): Promise<void> {
    const answer = await this.#send('api/v1/entries', { json: '{}', apiKey });
    if (answer.status !== 400) throw refusal(answer);
  }

  async receipt(reference: Reference): Promise<Uint8Array> {
    const key = this.#readKey === undefined ? {} : { apiKey: this.#readKey };
    return expectJson(await this.#send(`api/v1/${receiptPath(reference)}`, key), [200]).body;
  }

  async append(submission: Json, apiKey: string, wait: 'signed' | 'witnessed' = 'signed'): Promise<Appended> {
    const json = JSON.stringify(submission);
    const statuses = wait === 'signed' ? [200, 201] : [200, 201, 202];
    const answer = expectJson(await this.#send(`api/v1/entries?wait=${wait}`, { json, apiKey }), statuses);
    if (answer.status !== 202) return { created: answer.status === 201, unverifiedReceipt: answer.body, late: false };
    const index = readIndex(answer);
    if (index === undefined) {
      throw new CommandFailure('answer_malformed', `${this.host} did not say where it put the entry`);
    }
    return { created: true, unverifiedReceipt: await this.receipt({ kind: 'index', index }), late: true };
  }

  /** @param content the envelope of the consumption. */
  async consume(content: Json, apiKey: string): Promise<Consumed> {
    const json = JSON.stringify({ content });
    const answer = await this.#send('api/v1/consumptions?wait=signed', { json, apiKey });
    const first = answer.status === 409 ? firstConsumption(answer) : undefined;
    if (first !== undefined) return { by: 'another', unverifiedReceipt: first };
    const { status, body } = expectJson(answer, [200, 201]);
    return { by: 'this', created: status === 201, unverifiedReceipt: body };
  }

  #send(path: string, rest: Partial<HttpRequest>): Promise<HttpAnswer> {
    const url = new URL(path, this.#base);
    const defaults = { accept: `${RECEIPT_MEDIA_TYPE}, application/json`, maxBytes: MAX_RECEIPT_BYTES };
    return withRetries(() => request({ ...defaults, timeoutMs: this.#timeoutMs, ...rest, url }));
  }
}

/** A receipt from any address. That it came from there says nothing about it. */
export async function fetchReceipt(url: URL, timeoutMs: number): Promise<Uint8Array> {
  const accept = `${RECEIPT_MEDIA_TYPE}, application/json, */*;q=0.1`;
  const answer = await withRetries(() => request({ url, accept, maxBytes: MAX_RECEIPT_BYTES, timeoutMs }));
  if (answer.status !== 200) throw refusal(answer);
  // File servers call receipts all sorts of things. A page is an error, a login or a portal, and no evidence at all.
  if (answer.mediaType === 'text/html') {
    throw new CommandFailure('answer_malformed', `${url.host} answered with a web page instead of a receipt`);
  }
  return answer.body;
}

function expectJson(answer: HttpAnswer, statuses: readonly number[]): HttpAnswer {
  if (!statuses.includes(answer.status)) throw refusal(answer);
  if (isJsonMediaType(answer.mediaType)) return answer;
  const type = answer.mediaType === '' ? 'something without a type' : answer.mediaType;
  const message = `${answer.url.host} answered with ${type.slice(0, 100)} instead of JSON: is it the address of an Assent log?`;
  throw new CommandFailure('answer_malformed', message);
}

/** The receipt that a log shows when an approval is used up. */
function firstConsumption({ mediaType, body }: HttpAnswer): Uint8Array | undefined {
  const json = isJsonMediaType(mediaType) ? parseJson(body, { maxDepth: CONFLICT_DEPTH }) : undefined;
  if (!json?.ok || !isObject(json.value) || json.value.receipt === undefined) return undefined;
  return utf8Encode(JSON.stringify(json.value.receipt));
}

/** Of an entry that has its place, and lacks what was waited for. */
function readIndex({ body }: HttpAnswer): number | undefined {
  const json = parseJson(body);
  const index = json.ok && isObject(json.value) ? json.value.index : undefined;
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : undefined;
}

function readSelfDescription({ body, date }: HttpAnswer): LogSelfDescription | undefined {
  const json = parseJson(body);
  if (!json.ok || !isObject(json.value)) return undefined;
  const { origin, vkeys, retired = [], timestamp } = json.value;
  if (typeof origin !== 'string' || !ORIGIN.test(origin)) return undefined;
  const keys = readList(vkeys, MAX_KEYS, (vkey) => (isVkeyOf(origin, vkey) ? vkey : undefined));
  const earlier = readList(retired, MAX_RETIRED_KEYS, (key) => readRetiredKey(origin, key));
  if (keys === undefined || keys.length === 0 || earlier === undefined) return undefined;
  return {
    origin,
    vkeys: keys,
    retired: earlier,
    ...(typeof timestamp === 'string' && { timestamp }),
    ...(date !== null && { date }),
  };
}

/** Undefined unless each item is one. */
function readList<T>(list: Json | undefined, most: number, read: (item: Json) => T | undefined): T[] | undefined {
  if (!Array.isArray(list) || list.length > most) return undefined;
  const items = list.map(read).filter((item) => item !== undefined);
  return items.length === list.length ? items : undefined;
}

function isVkeyOf(origin: string, vkey: Json | undefined): vkey is string {
  const key = typeof vkey === 'string' ? parseVkey(vkey) : undefined;
  return key?.ok === true && key.value.name === origin;
}

function readRetiredKey(origin: string, key: Json): RetiredKey | undefined {
  if (!isObject(key)) return undefined;
  const { vkey, until } = key;
  if (!isVkeyOf(origin, vkey) || typeof until !== 'string' || !parseTime(until).ok) return undefined;
  return { vkey, until };
}
