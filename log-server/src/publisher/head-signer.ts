import {
  formatCheckpoint,
  formatNote,
  formatSignatureLine,
  formatSignedTreeHead,
  formatTreeHead,
  formatVkey,
  type Note,
  type NoteVerifier,
  type Primitives,
  parseNote,
  parseVkey,
  utf8Encode,
  verifyNote,
  verifySignedTreeHead,
} from '@assent/verifier';
import type { Signer } from '../log-key.ts';
import { activeKeys, type LogTimeline } from '../log-timeline.ts';
import type { Head } from '../store/append-batch.ts';

/** A key that signs the log's heads is not held by this process, so it must sign none of them. */
export class LogKeyMissing extends Error {
  constructor(vkey: string) {
    super(
      `The log's keys were changed while this server ran, and it does not hold the key ${vkey}. Give it that key's file (ASSENT_NEXT_LOG_KEY_FILE) and restart it.`,
    );
    this.name = 'LogKeyMissing';
  }
}

type HeldKey = { readonly signer: Signer; readonly verifier: NoteVerifier };

/**
 * Turns heads into checkpoints (C2SP tlog-checkpoint), signed under the origin's name by each key that is active at the
 * head: two during a rotation. With all of them or not at all, so that every process signs identical bytes.
 */
export class HeadSigner {
  readonly origin: string;
  private readonly held = new Map<string, HeldKey>();
  private readonly timeline: LogTimeline;
  private readonly primitives: Primitives;

  /** @param signers every key that this process holds, in any order; the timeline says which of them sign */
  constructor(origin: string, signers: readonly Signer[], timeline: LogTimeline, primitives: Primitives) {
    this.origin = origin;
    this.timeline = timeline;
    this.primitives = primitives;
    for (const signer of signers) {
      const vkey = this.vkeyOf(signer.publicKey);
      const verifier = parseVkey(vkey, primitives.sha256);
      if (!verifier.ok) throw new TypeError(`the log key and the origin do not make a vkey: ${verifier.detail}`);
      this.held.set(vkey, { signer, verifier: verifier.value });
    }
  }

  /** Of the keys that this process holds, whether they sign or not: 8 hexadecimal digits each, as in the vkey. */
  get keyIds(): readonly string[] {
    return [...this.held.values()].map(({ verifier }) => verifier.keyId.toString(16).padStart(8, '0'));
  }

  /** @param publicKey raw Ed25519 */
  vkeyOf(publicKey: Uint8Array): string {
    return formatVkey(this.origin, publicKey, this.primitives.sha256);
  }

  /**
   * The signed checkpoint of a head. It is verified as any reader will before it is returned: a signature spoiled by a
   * fault in memory could give the private key away, and would wedge every witness that saw it.
   *
   * @param seq the head whose keys sign, if it is another: a later one, for a head that is signed again
   * @throws {LogKeyMissing}
   */
  async sign(head: Head, seq = head.seq): Promise<string> {
    const text = formatCheckpoint({ origin: this.origin, size: head.size, root: head.root });
    return this.addLines({ text, signatures: [] }, this.keysAt(seq));
  }

  /**
   * A checkpoint of this log with the lines of the keys that are active at the head `seq`; those that it has stay, and so do
   * cosignatures, which cover the text alone. The caller has proved that the text is a head of this log.
   *
   * @throws {LogKeyMissing}
   */
  async complete(note: Note, seq: number): Promise<string> {
    const { signatures, text } = note;
    const missing = this.keysAt(seq).filter(
      ({ verifier }) => !signatures.some(({ name, keyId }) => name === verifier.name && keyId === verifier.keyId),
    );
    if (missing.length > 0) return this.addLines(note, missing);
    return formatNote(
      text,
      signatures.map(({ line }) => line),
    );
  }

  /**
   * The signed tree head of a head as `get-sth` answers it (RFC 6962 §4.3). It has room for one signature: during a
   * rotation it is by the older key, which clients know. It is verified before it is returned, for the same reasons.
   *
   * @throws {LogKeyMissing}
   */
  async signTreeHead(head: Head): Promise<string> {
    const { signer, verifier } = this.keysAt(head.seq)[0]!;
    const sth = formatSignedTreeHead(head, await signer.sign(formatTreeHead(head)));
    const verified = await verifySignedTreeHead(sth, verifier.publicKey, this.primitives);
    if (!verified.ok) throw new Error(`the STH of size ${head.size} does not verify: ${verified.detail}`);
    return sth;
  }

  private keysAt(seq: number): HeldKey[] {
    return activeKeys(this.timeline.at(seq)).map((publicKey) => {
      const vkey = this.vkeyOf(publicKey);
      const held = this.held.get(vkey);
      if (held === undefined) throw new LogKeyMissing(vkey);
      return held;
    });
  }

  /** The new lines come first: some readers look at the first signatures alone. */
  private async addLines({ text, signatures }: Note, keys: readonly HeldKey[]): Promise<string> {
    const message = utf8Encode(text);
    const lines: string[] = [];
    for (const { signer, verifier } of keys) {
      lines.push(formatSignatureLine(this.origin, verifier.keyId, await signer.sign(message)));
    }
    const note = formatNote(text, [...lines, ...signatures.map(({ line }) => line)]);
    const parsed = parseNote(note);
    const verifiers = keys.map(({ verifier }) => verifier);
    const verified = parsed.ok ? await verifyNote(parsed.value, verifiers, this.primitives) : parsed;
    if (!verified.ok) throw new Error(`a checkpoint that was just signed does not verify: ${verified.detail}`);
    if (verified.value.verified.length !== keys.length) throw new Error('a checkpoint lacks the line of an active key');
    return note;
  }
}
