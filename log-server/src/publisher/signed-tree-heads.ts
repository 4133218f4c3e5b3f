import type { HeadSigner } from './head-signer.ts';
import type { Published, Publisher } from './publisher.ts';

/**
 * The signed tree heads of RFC 6962 §3.5. Signed when somebody asks, and once for each head: the checkpoint is what appends
 * wait for. As the timestamp stands in the head's row and Ed25519 is deterministic, every process signs the same bytes.
 */
export class SignedTreeHeads {
  private readonly signed = new WeakMap<Published, Promise<string>>();

  private readonly publisher: Publisher;
  private readonly signer: HeadSigner;

  constructor(publisher: Publisher, signer: HeadSigner) {
    this.publisher = publisher;
    this.signer = signer;
  }

  /**
   * The newest STH as JSON, no older than any that was handed out before. Only of heads that the guard has passed. Rejects
   * with a Problem when signing has stopped.
   */
  async newest(): Promise<string> {
    const published = await this.publisher.refresh();
    const known = this.signed.get(published);
    if (known !== undefined) return known;
    const signing = this.signer.signTreeHead(published.head);
    this.signed.set(published, signing);
    signing.catch(() => this.signed.delete(published));
    return signing;
  }
}
