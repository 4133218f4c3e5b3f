import { createHash, randomBytes } from 'node:crypto';
import type { LogClient } from '@assent/client';
import {
  APPROVAL_PAYLOAD_TYPE,
  type AssertionResponse,
  base64Decode,
  base64Encode,
  base64urlDecode,
  createIntent,
  displayDigest,
  envelopeSignatureFromAssertion,
  formatEnvelope,
  formatStatement,
  formatTime,
  type Intent,
  intentDigest,
  type JsonObject,
  openReceipt,
  parsePublicKey,
  type Result,
  verifyEnvelope,
} from '@assent/verifier';
import { Store } from './store.ts';

/** Fifteen minutes: an approval is for now. */
const LIFETIME_MS = 15 * 60_000;

export type Approver = {
  readonly name: string;
  /** base64url. */
  readonly credentialId: string;
  /** base64 of the SPKI. */
  readonly publicKey: string;
};

export type Decision = 'approved' | 'rejected';

/** The whole life of a request. What is signed is written down before it is sent. */
export type Request = {
  readonly id: string;
  readonly intent: Intent;
  readonly text: string;
  readonly issuedAt: number;
  readonly decided?: { readonly by: string; readonly decision: Decision; readonly envelope: JsonObject };
  readonly receipt?: string;
};

/** What the person's browser sends back. */
export type Answer = {
  readonly decision: Decision;
  readonly credentialId: string;
  /** base64url. */
  readonly nonce: string;
  readonly response: AssertionResponse;
};

/** Something that the caller can be told. */
export class Refused extends Error {}

/** Nobody asked for that. */
export class NoSuchRequest extends Refused {}

export type ApprovalsOptions = {
  readonly log: LogClient;
  /** The log's origin: the one log in which these approvals count. */
  readonly origin: string;
  /** This service's name in statements; with a request's id it names the approval. */
  readonly service: string;
  readonly folder: string;
  /** Where the page is: passkeys of `localhost` work on `http://localhost:8080` alone. */
  readonly relyingParty: { readonly id: string; readonly origin: string };
};

export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #requests: Store<Request>;
  readonly #approvers: Store<Approver>;
  /** What is being done with a request; whatever comes next for it waits. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#requests = new Store(`${options.folder}/requests`);
    this.#approvers = new Store(`${options.folder}/approvers`);
  }

  async ask(action: Pick<Intent, 'action' | 'connector' | 'args'>): Promise<Request> {
    const request: Request = {
      id: `req_${randomBytes(12).toString('hex')}`,
      // The salt in it keeps the digest, which becomes public, from being guessed.
      intent: createIntent(action),
      text: `${action.action} on ${action.connector}\n${JSON.stringify(action.args, null, 2)}`,
      issuedAt: Date.now(),
    };
    await this.#requests.write(request.id, request);
    return request;
  }

  async find(id: string): Promise<Request> {
    const request = await this.#requests.read(id);
    if (request === undefined) throw new NoSuchRequest('there is no such request');
    return request;
  }

  async enrol(approver: Approver): Promise<void> {
    if (!parsePublicKey(decoded(base64Decode(approver.publicKey))).ok) throw new Refused('this is no public key');
    await this.#approvers.write(nameOf(approver.credentialId), approver);
  }

  async approvers(): Promise<readonly Approver[]> {
    const names = await this.#approvers.names();
    const found = await Promise.all(names.map((name) => this.#approvers.read(name)));
    return found.filter((approver) => approver !== undefined);
  }

  /** The statement's bytes, which is what a passkey signs. The same request and decision always give the same bytes. */
  statement({ id, intent, text, issuedAt }: Request, decision: Decision): Uint8Array {
    const { action, connector } = intent;
    return formatStatement({
      log: this.#options.origin,
      service: this.#options.service,
      id,
      decision,
      intent: { digest: intentDigest(intent), action, connector },
      display: displayDigest(intent, text),
      requester: 'agent:example',
      issued_at: formatTime(issuedAt),
      expires_at: formatTime(issuedAt + LIFETIME_MS),
      use: 'single',
    });
  }

  /** Takes one answer; whoever comes later gets what was decided. Returns the request with its receipt. */
  decide(id: string, answer: Answer): Promise<Request> {
    return this.#inTurn(id, async () => {
      const request = await this.find(id);
      if (request.decided !== undefined) return this.#send(request);
      if (Date.now() >= request.issuedAt + LIFETIME_MS) throw new Refused('the request has expired: ask again');
      const approver = await this.#approvers.read(nameOf(answer.credentialId));
      if (approver === undefined) throw new Refused('this passkey is not enrolled here');
      const envelope = await this.#envelope(request, answer, approver);
      const decided: Request = { ...request, decided: { by: approver.name, decision: answer.decision, envelope } };
      // Before it is sent: a signature that is lost in a crash is a person who has to be asked again.
      await this.#requests.write(id, decided);
      return this.#send(decided);
    });
  }

  /** Sends what was signed and has no receipt yet. Resolves with what could not be sent, and why. */
  async sendPending(): Promise<readonly { readonly id: string; readonly error: unknown }[]> {
    const failed: { id: string; error: unknown }[] = [];
    for (const id of await this.#requests.names()) {
      await this.#inTurn(id, async () => this.#send(await this.find(id))).catch((error: unknown) => {
        failed.push({ id, error });
      });
    }
    return failed;
  }

  async #send(request: Request): Promise<Request> {
    if (request.decided === undefined || request.receipt !== undefined) return request;
    const { receipt } = await this.#options.log.append({ visibility: 'open', content: request.decided.envelope });
    // The log has digests alone. Whoever gets this receipt may see what they stand for.
    const opened = openReceipt(receipt, { intent: request.intent as unknown as JsonObject, display: request.text });
    if (!opened.ok) throw new Error(opened.detail);
    const done: Request = { ...request, receipt: opened.value };
    await this.#requests.write(request.id, done);
    return done;
  }

  #inTurn<T>(id: string, action: () => Promise<T>): Promise<T> {
    const turn = (this.#busy.get(id) ?? Promise.resolve()).then(action, action);
    const settled: Promise<void> = turn.then(
      () => this.#leave(id, settled),
      () => this.#leave(id, settled),
    );
    this.#busy.set(id, settled);
    return turn;
  }

  #leave(id: string, settled: Promise<unknown>): void {
    if (this.#busy.get(id) === settled) this.#busy.delete(id);
  }

  async #envelope(request: Request, answer: Answer, approver: Approver): Promise<JsonObject> {
    const publicKey = parsePublicKey(decoded(base64Decode(approver.publicKey)));
    if (!publicKey.ok) throw new Refused(publicKey.detail);
    const signature = envelopeSignatureFromAssertion(
      publicKey.value,
      decoded(base64urlDecode(answer.nonce)),
      answer.response,
    );
    if (!signature.ok) throw new Refused(signature.detail);
    const payload = this.statement(request, answer.decision);
    const envelope = { payloadType: APPROVAL_PAYLOAD_TYPE, payload, signatures: [signature.value] };
    const verified = await verifyEnvelope(envelope);
    if (!verified.ok) throw new Refused(verified.detail);
    const { id, origin } = this.#options.relyingParty;
    const rpIdHash = base64Encode(createHash('sha256').update(id).digest());
    // What the signature says of where it was made is for us to judge: the log does not know our page.
    for (const signed of verified.value) {
      const good =
        signed.kind === 'passkey' &&
        signed.assertion.userVerified &&
        !signed.assertion.crossOrigin &&
        signed.assertion.origin === origin &&
        base64Encode(signed.assertion.rpIdHash) === rpIdHash;
      if (!good) throw new Refused('the passkey was not used on this page by a person whom the device verified');
    }
    return formatEnvelope(envelope);
  }
}

/** A file name for a credential id of any length. */
function nameOf(credentialId: string): string {
  return createHash('sha256').update(credentialId).digest('hex');
}

function decoded(result: Result<Uint8Array>): Uint8Array {
  if (!result.ok) throw new Refused(result.detail);
  return result.value;
}
