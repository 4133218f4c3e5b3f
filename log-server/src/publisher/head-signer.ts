import {
  formatCheckpoint,
  formatNote,
  formatSignatureLine,
  formatVkey,
  type NoteVerifier,
  type Primitives,
  parseNote,
  parseVkey,
  utf8Encode,
  verifyNote,
} from '@assent/verifier';
import type { Signer } from '../log-key.ts';
import type { Head } from '../store/append-batch.ts';

/** Turns heads into checkpoints (C2SP tlog-checkpoint), signed under the origin's name. */
export class HeadSigner {
  readonly origin: string;
  readonly vkey: string;
  private readonly verifier: NoteVerifier;
  private readonly signer: Signer;
  private readonly primitives: Primitives;

  private constructor(origin: string, vkey: string, verifier: NoteVerifier, signer: Signer, primitives: Primitives) {
    this.origin = origin;
    this.vkey = vkey;
    this.verifier = verifier;
    this.signer = signer;
    this.primitives = primitives;
  }

  static create(origin: string, signer: Signer, primitives: Primitives): HeadSigner {
    const vkey = formatVkey(origin, signer.publicKey, primitives.sha256);
    const verifier = parseVkey(vkey, primitives.sha256);
    if (!verifier.ok) throw new TypeError(`the log key and the origin do not make a vkey: ${verifier.detail}`);
    return new HeadSigner(origin, vkey, verifier.value, signer, primitives);
  }

  /**
   * The signed checkpoint of a head. It is verified as any reader will before it is returned: a signature spoiled by a
   * fault in memory could give the private key away, and would wedge every witness that saw it.
   */
  async sign(head: Head): Promise<string> {
    const text = formatCheckpoint({ origin: this.origin, size: head.size, root: head.root });
    const signature = await this.signer.sign(utf8Encode(text));
    const note = formatNote(text, [formatSignatureLine(this.origin, this.verifier.keyId, signature)]);
    const parsed = parseNote(note);
    const verified = parsed.ok ? await verifyNote(parsed.value, [this.verifier], this.primitives) : parsed;
    if (!verified.ok) throw new Error(`the checkpoint of size ${head.size} does not verify: ${verified.detail}`);
    return note;
  }
}
