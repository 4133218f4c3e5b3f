/** A real witness over HTTP, on loopback, which can be made to misbehave. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatSignatureLine } from '@assent/verifier';
import { type WitnessReply, WitnessState } from './witness-state.ts';
import { createTestWitness, type TestWitness } from './witnesses.ts';

/** Changes what it answers to `add-checkpoint`: `honest` is what it should, `body` what was sent. Undefined: it hangs up. */
export type WitnessFault = (
  honest: () => Promise<WitnessReply>,
  body: string,
) => Promise<WitnessReply | undefined> | WitnessReply | undefined;

export type WitnessServer = {
  readonly witness: TestWitness;
  readonly state: WitnessState;
  /** Its submission prefix, which is its monitoring prefix too. */
  readonly url: string;
  /** The line of a tlog-policy. */
  readonly policyLine: string;
  /** The bodies of the `add-checkpoint` calls so far. */
  readonly offers: readonly string[];
  fault: WitnessFault | undefined;
  /** Its clock, in ms. */
  now: () => number;
  /** Whether it shows its newest checkpoint to monitors. */
  monitored: boolean;
  /** What it shows instead of that. */
  shown: string | undefined;
  /** Lets no call through until the returned function is called. */
  hold(): () => void;
  close(): Promise<void>;
};

export type WitnessServerOptions = {
  /** In policies; also in the key's name. */
  readonly name: string;
  readonly logVkeys: readonly string[];
  /** Whether it cosigns with ML-DSA-44 instead of Ed25519. */
  readonly mlDsa?: boolean;
};

export async function startWitnessServer({
  name,
  logVkeys,
  mlDsa = false,
}: WitnessServerOptions): Promise<WitnessServer> {
  const witness = createTestWitness({ name: `witness.test/${name}`, mlDsa });
  const state = new WitnessState(witness, logVkeys);
  const offers: string[] = [];
  let held: Promise<void> = Promise.resolve();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET') return answerMonitor(request, response);
    const body = await readAll(request);
    if (request.url !== '/w/add-checkpoint') {
      response.writeHead(404).end();
      return;
    }
    offers.push(body);
    await held;
    const honest = (): Promise<WitnessReply> => state.addCheckpoint(body, server.now());
    const reply = server.fault === undefined ? await honest() : await server.fault(honest, body);
    if (reply === undefined) request.socket.destroy();
    else response.writeHead(reply.status, { 'content-type': reply.contentType }).end(reply.body);
  };
  const answerMonitor = (request: IncomingMessage, response: ServerResponse): void => {
    const origins = new Set(logVkeys.map((vkey) => vkey.slice(0, vkey.indexOf('+'))));
    const origin = [...origins].find((o) => request.url === `/w/${originHash(o)}/checkpoint`);
    const checkpoint =
      origin === undefined || !server.monitored ? undefined : (server.shown ?? state.checkpointOf(origin));
    if (checkpoint === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(checkpoint);
  };

  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/w`;
  const server: WitnessServer = {
    witness,
    state,
    url,
    policyLine: `witness ${name} ${witness.vkey} ${url}\n`,
    offers,
    fault: undefined,
    now: Date.now,
    monitored: true,
    shown: undefined,
    hold() {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

function originHash(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const text = (body: string, status = 200): WitnessReply => ({ status, contentType: 'text/plain', body });

/** Ways in which a witness may misbehave. */
export const witnessFaults = {
  hangsUp: (): WitnessFault => () => undefined,
  status:
    (status: number): WitnessFault =>
    () =>
      text('no\n', status),
  /** Says 409 whatever comes, from its own size. */
  alwaysConflict:
    (size: number): WitnessFault =>
    () => ({ ...text(`${size}\n`, 409), contentType: 'text/x.tlog.size' }),
  conflictBody:
    (body: string, contentType: string): WitnessFault =>
    () => ({ status: 409, contentType, body }),
  garbage: (): WitnessFault => () => text('\u0000\ufffd not a line'),
  nothing: (): WitnessFault => () => text(''),
  huge:
    (bytes: number): WitnessFault =>
    () =>
      text('\u2014 x '.padEnd(bytes, 'A')),
  /** A signature that was changed in one bit. */
  invalidSignature: (): WitnessFault => async (honest) => {
    const reply = await honest();
    return reply.status === 200 ? { ...reply, body: flipLastByte(reply.body) } : reply;
  },
  /** A right cosignature under another name. */
  wrongName: (): WitnessFault => async (honest) => {
    const reply = await honest();
    return { ...reply, body: reply.body.replace('\u2014 witness.test/', '\u2014 witness.other/') };
  },
  /** By a key that is not its own. */
  otherKey:
    (other: TestWitness): WitnessFault =>
    async (honest, body) => {
      const reply = await honest();
      return reply.status === 200 ? { ...reply, body: other.cosign(noteOf(body)) } : reply;
    },
  /** Its cosignature of another text than the one that was sent. */
  otherCheckpoint:
    (witness: TestWitness, checkpoint: string): WitnessFault =>
    () =>
      text(witness.cosign(checkpoint)),
  timeZero:
    (witness: TestWitness): WitnessFault =>
    (_, body) =>
      text(witness.cosign(noteOf(body), 0)),
} as const;

function noteOf(body: string): string {
  return body.slice(body.indexOf('\n\n') + 2);
}

function flipLastByte(line: string): string {
  const [dash = '', name = '', encoded = ''] = line.trimEnd().split(' ');
  const bytes = Buffer.from(encoded, 'base64');
  bytes[bytes.length - 1] = bytes.at(-1)! ^ 1;
  const keyId = bytes.readUInt32BE(0);
  if (dash === '') throw new TypeError('line: not a signature line');
  return formatSignatureLine(name, keyId, new Uint8Array(bytes.subarray(4)));
}
