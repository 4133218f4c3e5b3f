/** The signatures of a receipt, and nothing else: what verification can't do without. */
import {
  checkContent,
  type LogPolicy,
  type Primitives,
  parseNote,
  parseReceipt,
  parseTlogProof,
  verifyCosignatures,
  verifyNote,
  webCryptoPrimitives,
} from '@assent/verifier';
import { unwrap } from '../../test-support/src/results.ts';

const ALGORITHMS = {
  ed25519: { name: 'Ed25519' },
  es256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const;

/**
 * One call after the other, as WebCrypto gets them in a real verification, with all keys imported and all bytes there. The
 * calls are recorded from one verification, so they are exactly those.
 */
export async function bareVerifications(receipt: string, { logs, witnesses }: LogPolicy): Promise<() => Promise<void>> {
  const calls: (() => Promise<boolean>)[] = [];
  const recording: Primitives = {
    ...webCryptoPrimitives,
    verifySignature: async (key, signature, message) => {
      if (key.algorithm !== 'ed25519' && key.algorithm !== 'es256')
        throw new Error(`no bare call for ${key.algorithm}`);
      const algorithm = ALGORITHMS[key.algorithm];
      const imported = await crypto.subtle.importKey('spki', new Uint8Array(key.spki), algorithm, false, ['verify']);
      const [own, bytes] = [new Uint8Array(signature), new Uint8Array(message)];
      calls.push(() => crypto.subtle.verify(algorithm, imported, own, bytes));
      return true;
    },
  };
  const { entry, proof } = unwrap(parseReceipt(receipt));
  const note = unwrap(parseNote(unwrap(parseTlogProof(proof)).checkpoint));
  const logKeys = logs.map(({ key }) => key);
  await verifyNote(note, logKeys, recording);
  await verifyCosignatures(note, { cosigners: witnesses.map(({ key }) => key), logKeys }, recording);
  await checkContent({ kind: 'approval', content: JSON.parse(entry).content }, recording);
  return async () => {
    for (const call of calls) if (!(await call())) throw new Error('a bare signature check failed');
  };
}
