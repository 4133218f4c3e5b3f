/** Cases of proofs of misbehaviour: misbehaviour. */
import { base64Encode, formatVkey, type JsonObject } from '@assent/verifier';
import { json, text, vectorFile } from '../cases.ts';
import { seeded, signingKey } from '../keys.ts';
import type { VectorFile } from '../vectors.ts';
import { checkpoint, leafC, ORIGIN, ROOT_2, ROOT_3, treeHead } from './heads.ts';

const vkey = formatVkey(ORIGIN, signingKey('log').publicKey.raw);
const other = seeded('another root');
const shown: JsonObject = { from_root: base64Encode(ROOT_2), proof: [base64Encode(leafC)] };

function proof(older: JsonObject, newer: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'assent/misbehaviour/v1', origin: ORIGIN, older, newer, ...more };
}

const sameSize = proof(checkpoint(3, ROOT_3), checkpoint(3, other));
const twoSizes = proof(checkpoint(2, other), checkpoint(3, ROOT_3), shown);

export function misbehaviourCases(): VectorFile {
  const about =
    'Proofs of misbehaviour: two heads that one log signed and no tree has both. A proof that does not fit shows nothing.';
  return vectorFile('misbehaviour', about, ({ good, bad }) => {
    const input = (document: JsonObject, log_keys: readonly string[] = [vkey]): JsonObject => ({
      document: json(document),
      log_keys: [...log_keys],
    });
    const sizes = (older: number, newer: number) => ({ origin: ORIGIN, older, newer });
    good('two roots of one size', 'verify', input(sameSize), sizes(3, 3));
    good('a checkpoint and an STH', 'verify', input(proof(checkpoint(3, other), treeHead(3, ROOT_3))), sizes(3, 3));
    good('two sizes, and the root that the newer tree has at the older one', 'verify', input(twoSizes), sizes(2, 3));
    good('two STHs of two sizes', 'verify', input(proof(treeHead(2, other), treeHead(3, ROOT_3), shown)), sizes(2, 3));
    good(
      'a root of size 0 that no empty tree has',
      'verify',
      input(proof(checkpoint(0, other), checkpoint(3, ROOT_3))),
      sizes(0, 3),
    );
    good(
      'keys of several logs',
      'verify',
      input(sameSize, [formatVkey('other.example.com', signingKey('another log').publicKey.raw), vkey]),
      sizes(3, 3),
    );
    bad('the same head twice', 'verify', input(proof(checkpoint(3, ROOT_3), treeHead(3, ROOT_3))), 'heads_consistent');
    bad(
      'two heads of one tree, and the proof of it',
      'verify',
      input(proof(checkpoint(2, ROOT_2), checkpoint(3, ROOT_3), shown)),
      'heads_consistent',
    );
    bad(
      'two sizes without a proof',
      'verify',
      input(proof(checkpoint(2, other), checkpoint(3, ROOT_3))),
      'consistency_length',
    );
    bad(
      'a proof from a root that somebody made up',
      'verify',
      input(
        proof(checkpoint(2, ROOT_2), checkpoint(3, ROOT_3), {
          from_root: base64Encode(other),
          proof: [base64Encode(seeded('leaf a'))],
        }),
      ),
      'consistency_mismatch',
    );
    bad(
      'a proof for other sizes',
      'verify',
      input(
        proof(checkpoint(2, other), checkpoint(3, ROOT_3), {
          ...shown,
          proof: [...Array(3)].map(() => base64Encode(leafC)),
        }),
      ),
      'consistency_length',
    );
    bad('hashes beside heads that need none', 'verify', input({ ...sameSize, ...shown }), 'unknown_member');
    bad(
      'the larger head first',
      'verify',
      input(proof(checkpoint(3, ROOT_3), checkpoint(2, other))),
      'index_out_of_range',
    );
    bad(
      'a head that another key signed',
      'verify',
      input(proof(checkpoint(3, ROOT_3), checkpoint(3, other, ORIGIN, signingKey('another log')))),
      'log_signature_missing',
    );
    bad(
      'an STH that was changed',
      'verify',
      input(
        proof(treeHead(3, ROOT_3), {
          sth: String(treeHead(3, ROOT_3).sth).replace(base64Encode(ROOT_3), base64Encode(other)),
        }),
      ),
      'signature_invalid',
    );
    bad(
      'a head of another log',
      'verify',
      input(proof(checkpoint(3, ROOT_3), checkpoint(3, other, 'other.example.com'))),
      'origin_mismatch',
    );
    bad(
      'a log of which no key is given',
      'verify',
      input({ ...sameSize, origin: 'other.example.com' }),
      'origin_mismatch',
    );
    bad(
      'a checkpoint that is no note',
      'verify',
      input(proof({ checkpoint: 'x' }, checkpoint(3, other))),
      'note_malformed',
    );
    bad('an STH that is none', 'verify', input(proof(checkpoint(3, other), { sth: '{}' })), 'missing_member');
    bad('a root without a proof', 'verify', input({ ...twoSizes, proof: [] }), 'bad_value');
    bad(
      'a proof without the root that it leads from',
      'verify',
      input(proof(checkpoint(2, other), checkpoint(3, ROOT_3), { proof: [base64Encode(leafC)] })),
      'missing_member',
    );
    bad(
      'a hash of 31 bytes',
      'verify',
      input({ ...twoSizes, from_root: base64Encode(ROOT_2.slice(1)) }),
      'hash_length',
    );
    bad(
      'a head of both kinds',
      'verify',
      input(proof({ ...checkpoint(3, ROOT_3), ...treeHead(3, ROOT_3) }, treeHead(3, other))),
      'unknown_member',
    );
    bad('a head of no kind', 'verify', input(proof({}, treeHead(3, other))), 'missing_member');
    bad(
      'no origin',
      'verify',
      input({ type: 'assent/misbehaviour/v1', older: checkpoint(3, ROOT_3), newer: treeHead(3, other) }),
      'missing_member',
    );
    bad('another version', 'verify', input({ ...sameSize, type: 'assent/misbehaviour/v2' }), 'unsupported');
    bad('a member too many', 'verify', input({ ...sameSize, note: 'trust me' }), 'unknown_member');
    bad('no JSON', 'verify', { document: text('fork!'), log_keys: [vkey] }, 'json_syntax');
  });
}
