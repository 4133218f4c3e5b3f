/** Cases of two signed heads of one log: heads. */
import { createHash } from 'node:crypto';
import {
  base64Encode,
  concatBytes,
  emptyRoot,
  formatCheckpoint,
  formatNote,
  formatSignatureLine,
  formatTreeHead,
  formatVkey,
  type JsonObject,
  noteKeyId,
} from '@assent/verifier';
import { bytes, vectorFile } from '../cases.ts';
import { seeded, signingKey } from '../keys.ts';
import type { VectorFile } from '../vectors.ts';

export const ORIGIN = 'log.example.com/approvals';
const key = signingKey('log');

function node(left: Uint8Array, right: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest());
}

export const leafC = seeded('leaf c');
const [a, b, c] = [seeded('leaf a'), seeded('leaf b'), leafC];
export const ROOT_2 = node(a, b);
export const ROOT_3 = node(ROOT_2, c);

export function checkpoint(size: number, root: Uint8Array, origin = ORIGIN, signer = key): JsonObject {
  const noteText = formatCheckpoint({ origin, size, root });
  const id = noteKeyId(origin, 1, signer.publicKey.raw);
  return { checkpoint: formatNote(noteText, [formatSignatureLine(origin, id, signer.sign(Buffer.from(noteText)))]) };
}

export function treeHead(size: number, root: Uint8Array): JsonObject {
  const timestamp = 1_775_235_662_123;
  const signature = key.sign(formatTreeHead({ size, root, timestamp }));
  const sth = {
    tree_size: size,
    timestamp,
    sha256_root_hash: base64Encode(root),
    tree_head_signature: base64Encode(concatBytes(Uint8Array.of(8, 7, 0, 64), signature)),
  };
  return { sth: JSON.stringify(sth) };
}

export function headsCases(): VectorFile {
  const about =
    'Two signed heads of one log: `consistent`, or `fork`, which is evidence. A proof that does not fit shows neither.';
  return vectorFile('heads', about, ({ good, bad }) => {
    const input = (
      older: JsonObject,
      newer: JsonObject,
      proof: readonly Uint8Array[],
      more: JsonObject = {},
    ): JsonObject => ({
      older,
      newer,
      proof: proof.map(bytes),
      log_keys: [formatVkey(ORIGIN, key.publicKey.raw)],
      ...more,
    });
    const other = seeded('another root');
    good('two checkpoints', 'compare', input(checkpoint(2, ROOT_2), checkpoint(3, ROOT_3), [c]), 'consistent');
    good('a checkpoint and an STH', 'compare', input(checkpoint(2, ROOT_2), treeHead(3, ROOT_3), [c]), 'consistent');
    good('two STHs', 'compare', input(treeHead(2, ROOT_2), treeHead(3, ROOT_3), [c]), 'consistent');
    good('the same head twice', 'compare', input(checkpoint(3, ROOT_3), treeHead(3, ROOT_3), []), 'consistent');
    good('from an empty tree', 'compare', input(checkpoint(0, emptyRoot()), checkpoint(3, ROOT_3), []), 'consistent');
    good('two roots of one size', 'compare', input(checkpoint(3, ROOT_3), checkpoint(3, other), []), 'fork');
    good(
      'an older head that is not in the newer tree',
      'compare',
      input(checkpoint(2, other), checkpoint(3, ROOT_3), [c], { from_root: bytes(ROOT_2) }),
      'fork',
    );
    bad(
      'an older head that is not in the newer tree, with nothing that shows it',
      'compare',
      input(checkpoint(2, other), checkpoint(3, ROOT_3), [c]),
      'consistency_mismatch',
    );
    bad(
      'a proof of something else',
      'compare',
      input(checkpoint(2, ROOT_2), checkpoint(3, ROOT_3), [a]),
      'consistency_mismatch',
    );
    bad('no proof', 'compare', input(checkpoint(2, ROOT_2), checkpoint(3, ROOT_3), []), 'consistency_length');
    bad(
      'the larger one first',
      'compare',
      input(checkpoint(3, ROOT_3), checkpoint(2, ROOT_2), [c]),
      'index_out_of_range',
    );
    bad(
      'a head of another log',
      'compare',
      input(checkpoint(2, ROOT_2), checkpoint(3, ROOT_3, 'other.example.com'), [c]),
      'origin_mismatch',
    );
    bad(
      'a head that another key signed',
      'compare',
      input(checkpoint(2, ROOT_2), checkpoint(3, ROOT_3, ORIGIN, signingKey('another log')), [c]),
      'log_signature_missing',
    );
    bad(
      'an STH that was changed',
      'compare',
      input(checkpoint(2, ROOT_2), { sth: String(treeHead(3, ROOT_3).sth).replace('"tree_size":3', '"tree_size":4') }, [
        c,
      ]),
      'signature_invalid',
    );
    bad(
      'a checkpoint that is no note',
      'compare',
      input({ checkpoint: 'x' }, checkpoint(3, ROOT_3), [c]),
      'note_malformed',
    );
  });
}
