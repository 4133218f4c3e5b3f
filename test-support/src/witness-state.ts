/**
 * A witness by the letter of C2SP tlog-witness (https://c2sp.org/tlog-witness), without HTTP and in memory: what it answers
 * to `add-checkpoint`, and to whoever asks for the checkpoint that it cosigned last.
 */
import {
  base64Decode,
  checkConsistency,
  emptyRoot,
  equalBytes,
  type NoteVerifier,
  parseCheckpoint,
  parseDecimal,
  parseNote,
  parseVkey,
  verifyNote,
} from '@assent/verifier';
import { unwrap } from './results.ts';
import { appendLines, type TestWitness } from './witnesses.ts';

export type WitnessReply = { readonly status: number; readonly contentType: string; readonly body: string };

type Cosigned = { readonly size: number; readonly root: Uint8Array; readonly checkpoint: string };

const HASH_LENGTH = 32;

export class WitnessState {
  private readonly logKeys: readonly NoteVerifier[];
  private readonly latest = new Map<string, Cosigned>();
  private readonly witness: TestWitness;

  constructor(witness: TestWitness, logVkeys: readonly string[]) {
    this.witness = witness;
    this.logKeys = logVkeys.map((vkey) => unwrap(parseVkey(vkey)));
  }

  /** The size that it cosigned last; 0 if it never did. */
  sizeOf(origin: string): number {
    return this.latest.get(origin)?.size ?? 0;
  }

  /** With its own cosignature and the log's signature. */
  checkpointOf(origin: string): string | undefined {
    return this.latest.get(origin)?.checkpoint;
  }

  /** Makes it remember a checkpoint, as if it had cosigned that one: for what a log must never be made to sign. */
  adopt(checkpoint: string, time = Date.now()): void {
    const { origin, size, root } = unwrap(parseCheckpoint(unwrap(parseNote(checkpoint)).text));
    this.latest.set(origin, { size, root, checkpoint: this.witness.append(checkpoint, time) });
  }

  async addCheckpoint(body: string, time = Date.now()): Promise<WitnessReply> {
    const request = parseRequest(body);
    if (request === undefined) return reply(400, 'malformed');
    const note = parseNote(request.checkpoint);
    const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
    if (!note.ok || !checkpoint.ok) return reply(400, 'malformed checkpoint');
    const { origin, size, root } = checkpoint.value;
    const keys = this.logKeys.filter(({ name }) => name === origin);
    if (keys.length === 0) return reply(404, 'unknown log');
    if (!(await verifyNote(note.value, keys)).ok) return reply(403, 'no signature by a known key');
    if (request.oldSize > size) return reply(400, 'the old size is larger');
    const latest = this.latest.get(origin);
    if (request.oldSize !== (latest?.size ?? 0)) {
      return { status: 409, contentType: 'text/x.tlog.size', body: `${latest?.size ?? 0}\n` };
    }
    if (size === 0 && !equalBytes(root, emptyRoot())) return reply(422, 'not the root of an empty tree');
    const fromRoot = request.oldSize === 0 ? emptyRoot() : latest!.root;
    const evidence = { from: request.oldSize, to: size, fromRoot, toRoot: root, proof: request.proof };
    if (!checkConsistency(evidence).ok) return reply(422, 'inconsistent');
    const line = this.witness.cosign(note.value.text, time);
    this.latest.set(origin, { size, root, checkpoint: appendLines(logSigned(request.checkpoint, keys), [line]) });
    return { status: 200, contentType: 'text/plain; charset=utf-8', body: line };
  }
}

type Request = { readonly oldSize: number; readonly proof: readonly Uint8Array[]; readonly checkpoint: string };

function parseRequest(body: string): Request | undefined {
  const end = body.indexOf('\n\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = body.slice(0, end).split('\n');
  const oldSize = parseDecimal(first.slice('old '.length));
  if (!first.startsWith('old ') || !oldSize.ok || lines.length > 63) return undefined;
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = base64Decode(line);
    if (!hash.ok || hash.value.length !== HASH_LENGTH) return undefined;
    proof.push(hash.value);
  }
  return { oldSize: oldSize.value, proof, checkpoint: body.slice(end + 2) };
}

/** Without lines that it did not verify. */
function logSigned(checkpoint: string, keys: readonly NoteVerifier[]): string {
  const { text, signatures } = unwrap(parseNote(checkpoint));
  const own = signatures.filter(({ name, keyId }) => keys.some((key) => key.name === name && key.keyId === keyId));
  return `${text}\n${own.map(({ line }) => line).join('')}`;
}

function reply(status: number, detail: string): WitnessReply {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${detail}\n` };
}
