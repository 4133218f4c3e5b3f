/**
 * An opening: content and salt of a sealed entry, in a file of its own, as whoever loses them can never show again what the
 * entry holds.
 *
 *     { "type": "assent/opening/v1", "sealed": "sha256:…", "content": {…envelope…}, "salt": "<base64 of 32 bytes>" }
 */
import {
  base64Encode,
  canonicalJson,
  checkCommitment,
  createSalt,
  type Json,
  type JsonObject,
  parseSalt,
  sealContent,
} from '@assent/verifier';
import { CommandFailure } from './failure.ts';
import { createWhole } from './files/create-whole.ts';
import { readJsonInput } from './files/read-input.ts';
import { isObject } from './http/problem.ts';
import { say } from './terminal/output.ts';

const OPENING_TYPE = 'assent/opening/v1';
const MAX_OPENING_BYTES = 1024 * 1024;
const MEMBERS = ['content', 'salt', 'sealed', 'type'];

export type Opening = {
  /** The commitment, `sha256:<hex>`. */
  readonly sealed: string;
  readonly content: JsonObject;
  /** Base64. */
  readonly salt: string;
};

/** The opening in a file, which has to fit its own commitment. */
export async function readOpening(path: string): Promise<Opening> {
  const json = await readJsonInput(path, 'the opening', MAX_OPENING_BYTES);
  const wrong = (why: string) => new CommandFailure('file_malformed', `${path} is no opening: ${why}`);
  if (!isObject(json) || Object.keys(json).sort().join() !== MEMBERS.join()) {
    throw wrong(`it has to have exactly the members ${MEMBERS.join(', ')}`);
  }
  const { type, sealed, content, salt } = json;
  if (type !== OPENING_TYPE) throw wrong(`its type is not ${OPENING_TYPE}`);
  if (typeof sealed !== 'string' || typeof salt !== 'string' || content === undefined || !isObject(content)) {
    throw wrong('sealed and salt are texts, and content is an envelope');
  }
  const { result } = checkCommitment(sealed, { content, salt });
  if (!result.ok) throw wrong(`${result.detail} (${result.code})`);
  return { sealed, content, salt };
}

/**
 * Seals content with a new salt, and returns when the opening is on disk: a process that dies after it has sent the commitment
 * must not take the only salt with it. If an earlier attempt left its opening there, that one is taken, so that the
 * same command sends the same again.
 */
export async function keepOpening(path: string, content: Json): Promise<Opening> {
  if (!isObject(content)) throw new CommandFailure('file_malformed', 'what is to be sealed is no envelope');
  const salt = createSalt();
  const opening = { type: OPENING_TYPE, sealed: sealContent(content, salt), content, salt: base64Encode(salt) };
  if (await createWhole(path, `${JSON.stringify(opening, null, 2)}\n`)) return opening;
  const earlier = await readOpening(path);
  if (canonicalJson(earlier.content) !== canonicalJson(content)) {
    const message = `${path} holds the opening of something else, and is not overwritten: name another file with --opening`;
    throw new CommandFailure('file_exists', message);
  }
  say(`using the salt that an earlier attempt left in ${path}`);
  return earlier;
}

/** A salt in a file of its own, or on standard input. */
export async function readSalt(path: string, read: (path: string) => Promise<Uint8Array>): Promise<string> {
  const salt = Buffer.from(await read(path))
    .toString('latin1')
    .trim();
  if (parseSalt(salt).ok) return salt;
  throw new CommandFailure('file_malformed', `${path} holds no salt: it is 32 bytes in base64, 44 characters`);
}
