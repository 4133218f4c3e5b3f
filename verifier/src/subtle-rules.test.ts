/**
 * The rules that decide whether a verifier and a log are right, each with the tests that break where it is broken. They were learned
 * from public vectors, and from logs that failed; whoever renames one of these tests, or takes it away, is told here.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Rule = readonly [rule: string, ...tests: readonly (readonly [file: string, title: string])[]];

const RULES: readonly Rule[] = [
  [
    'ECDSA signatures have one DER encoding: minimal lengths, nothing after them, no negative or padded integer',
    ['verifier/src/ecdsa-signature.test.ts', "'a padded r'"],
    ['verifier/src/ecdsa-signature.test.ts', "'a negative s'"],
    ['verifier/src/wycheproof.test.ts', 'ECDSA P-256 with SHA-256, DER'],
  ],
  ['Short r and s are padded to 32 bytes', ['verifier/src/ecdsa-signature.test.ts', 'pads short numbers to 32 bytes']],
  [
    'High S is valid, so the bytes of a signature identify nothing',
    ['verifier/src/signature.test.ts', 'accepts the high-S twin of an ECDSA signature'],
  ],
  ['Ed25519: S from L on is refused', ['verifier/src/ed25519-point.test.ts', 'below L is taken, from L on refused']],
  [
    'Ed25519: points of small order and a y that is not canonical are refused, as keys and as R, so that all runtimes agree',
    ['verifier/src/ed25519-point.test.ts', 'are refused as keys'],
    ['verifier/src/ed25519-point.test.ts', 'are refused as R'],
    ['verifier/src/ed25519-point.test.ts', 'is refused from p to 2^255'],
    ['test-vectors/test/single-file.test.ts', 'answers every vector in a page'],
  ],
  [
    'Canonical JSON is parsed, serialized and compared: duplicate keys, lone surrogates and numbers that change are refused',
    ['verifier/src/canonical-json.test.ts', 'accepts no other spelling'],
    ['verifier/src/json.test.ts', 'takes nothing that JSON.parse refuses'],
  ],
  ['Keys sort by UTF-16 code units', ['verifier/src/canonical-json.test.ts', 'sorts keys by UTF-16 code units']],
  [
    'Exponents begin at 1e21 and 1e-7, and minus zero is zero',
    ['verifier/src/canonical-json.test.ts', 'prints the double %s as %s'],
    ['verifier/src/json-number.test.ts', "'-0.00'"],
  ],
  [
    'Every hash in a proof has exactly 32 bytes',
    ['verifier/src/inclusion.test.ts', 'refuses a hash of %d bytes anywhere'],
    ['verifier/src/consistency.test.ts', 'refuses a hash of %d bytes anywhere'],
  ],
  [
    'A proof that is longer or shorter than the tree needs is refused',
    ['verifier/src/inclusion.test.ts', 'fails with a proof that is truncated or extended'],
    ['verifier/src/consistency.test.ts', 'fails with a proof that is truncated or extended'],
  ],
  [
    'From size 0 only an empty proof is consistent, and between equal sizes equal roots alone',
    ['verifier/src/consistency.test.ts', 'needs no old root from size 0'],
    ['verifier/src/consistency.test.ts', 'needs equal roots and an empty proof'],
  ],
  [
    'Notes: unknown keys are ignored, a bad signature by a log key refuses the note, a bad witness line counts as absent',
    ['verifier/src/signed-note.test.ts', 'ignores lines that share the name or the id, but not both'],
    ['verifier/src/signed-note.test.ts', 'refuses the whole note for one bad signature by a log key'],
    ['verifier/src/cosignature-lines.test.ts', 'takes a bad line for none, before or after the good one'],
  ],
  ['One name may carry several keys', ['verifier/src/signed-note.test.ts', 'knows several keys of one name']],
  [
    'A vkey is split on its first two plus signs, and its key id computed again',
    ['verifier/src/vkey.test.ts', 'splits on the first two plus signs'],
  ],
  [
    'At least 16 signatures are accepted, long ones too',
    ['verifier/src/signed-note.test.ts', 'takes 16 signatures and up to 100, of ML-DSA length'],
  ],
  [
    'Ed25519 cosignatures cover extension lines and not the name; ML-DSA-44 ones the name and no extension lines',
    ['verifier/src/cosignature.test.ts', 'covers extension lines, and not the name'],
    ['verifier/src/cosignature.test.ts', 'cover the name, the origin, size, root and time, and no extension lines'],
  ],
  [
    "The log's own lines never count toward the quorum",
    ['verifier/src/cosignature-lines.test.ts', 'never counts the log itself, under its own name or with its own key'],
  ],
  [
    'Fake cosignature lines wedge nobody, and extra data in a proof is believed by nobody',
    ['verifier/src/witness-evidence.test.ts', 'is not spoilt by bad lines, whoever appended them'],
    ['test-vectors/src/formats/receipts.ts', 'extra data in the proof, which nobody signed'],
  ],
  [
    'Client data is parsed, never matched as text',
    ['verifier/src/webauthn.test.ts', 'takes client data whatever the order of its keys'],
  ],
  [
    'UV, crossOrigin and topOrigin are validly signed whatever they say: refusing them is policy',
    ['verifier/src/webauthn.test.ts', 'reports what policy may refuse, and accepts it'],
  ],
  [
    'The counter of an authenticator is reported, and compared with nothing',
    ['verifier/src/webauthn.test.ts', 'reads every flag and the counter, from a view'],
    ['verifier/src/webauthn.test.ts', 'reports what policy may refuse, and accepts it'],
  ],
  ['Challenges may be long', ['verifier/src/webauthn.test.ts', 'reads challenges of 128 bytes and more']],
  ['RSA moduli of odd sizes exist', ['verifier/src/signature.test.ts', 'accepts RSA moduli of odd sizes']],
  [
    'DSSE counts bytes, and recomputes the keyid; foreign envelopes may use either alphabet, ours only one',
    ['test-vectors/src/formats/approvals.ts', 'the keyid of another key'],
    ['verifier/src/foreign-content.test.ts', 'may be in either alphabet, and every other spelling is refused'],
    ['test-vectors/src/formats/approvals.ts', 'base64url in the payload'],
  ],
  [
    'RSA: a DigestInfo without NULL is refused',
    ['test-vectors/src/formats/keys.ts', 'RS256: a DigestInfo without the NULL parameter'],
    ['verifier/src/wycheproof.test.ts', 'RSA-2048 PKCS#1 v1.5 with SHA-256'],
  ],
  [
    'A flipped bit in a stored entry is found',
    ['log-server/test/scrub.test.ts', 'finds a flipped bit in an entry that nobody asks for'],
  ],
  [
    'After any doubtful write the log drops what is in memory and reads again',
    ['log-server/test/faults/failed-writes.slow.test.ts', 'is waited for, and stored once'],
    ['log-server/test/faults/kill-postgres.slow.test.ts', 'loses nothing that was acknowledged'],
  ],
  [
    'After a failed fsync nothing is signed, and Postgres must not go on either',
    ['log-server/test/faults/failed-guard.slow.test.ts', '%s it persisted, for good (%s): nothing is signed any more'],
    ['log-server/src/database/connection-check.test.ts', "'data_sync_retry = on'"],
  ],
  [
    'What was acknowledged is in the tree, whatever was killed, and maintenance keeps the tree as it was',
    [
      'log-server/test/faults/kill-server.slow.test.ts',
      'loses nothing that was acknowledged, and signs no second history',
    ],
    ['log-server/test/recover.slow.test.ts', 'goes on where a crash in the middle of the writing left it'],
  ],
  [
    'A full disk or a restored database makes no second history',
    ['log-server/test/faults/full-disk.slow.test.ts', 'a disk that gets full'],
    ['log-server/test/faults/restore.slow.test.ts', 'a database that is restored from a backup'],
  ],
  [
    'No head is older than its newest entry, whatever the clock does',
    ['log-server/test/faults/clock.test.ts', 'lets no time decrease'],
  ],
  [
    'A hit of a shortened hash is no hit',
    ['log-server/test/prefix-hits.test.ts', 'finds neither leaf nor statement nor identity'],
  ],
  [
    'Admission and verification are the same code',
    ['verifier/src/verify-receipt.property.test.ts', 'admits exactly what later verifies'],
  ],
];

describe('subtle rules', () => {
  it.each(RULES.map(([rule, ...tests]) => ({ rule, tests })))('$rule', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const [file, title] of tests) {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      // As the beginning of a title, or as a case that a title is made of.
      const named =
        source.includes(title) && (title.startsWith("'") || /['"`(]/.test(source[source.indexOf(title) - 1]!));
      expect(named, `${file}: ${title}`).toBe(true);
    }
  });
});
