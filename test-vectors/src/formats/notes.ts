/** Cases of what is signed about the tree: note, vkey, checkpoint, cosignature, log-policy, tlog-proof, tree-head. */
import { createHash } from 'node:crypto';
import { unwrap } from '@assent/test-support/results';
import { createTestWitness } from '@assent/test-support/witnesses';
import {
  base64Encode,
  concatBytes,
  ed25519Spki,
  formatCheckpoint,
  formatCosignerVkey,
  formatNote,
  formatSignatureLine,
  formatTimestampedSignature,
  formatTreeHead,
  formatVkey,
  hexEncode,
  type JsonObject,
  noteKeyId,
  parseCosignerVkey,
} from '@assent/verifier';
import { bytes, hex, text, vectorFile } from '../cases.ts';
import { seeded, signingKey } from '../keys.ts';
import type { VectorFile } from '../vectors.ts';

const ORIGIN = 'log.example.com/approvals';
const logKey = signingKey('log');
const otherKey = signingKey('another log');
const LOG_VKEY = formatVkey(ORIGIN, logKey.publicKey.raw);
const OTHER_VKEY = formatVkey('other.example.com', otherKey.publicKey.raw);
const LOG_KEY_ID = noteKeyId(ORIGIN, 1, logKey.publicKey.raw);
const ROOT = seeded('root');
const CHECKPOINT = formatCheckpoint({ origin: ORIGIN, size: 7, root: ROOT });

function line(name: string, keyId: number, signature: Uint8Array): string {
  return formatSignatureLine(name, keyId, signature);
}

function signedLine(noteText: string, key = logKey, name = ORIGIN): string {
  return line(name, noteKeyId(name, 1, key.publicKey.raw), key.sign(Buffer.from(noteText)));
}

export function noteCases(): VectorFile {
  const about =
    'Signed notes (C2SP signed-note). `parse` looks at no signature; `verify` gives the names of the log keys that signed.';
  return vectorFile('note', about, ({ good, bad }) => {
    const signature = logKey.sign(Buffer.from(CHECKPOINT));
    const whole = formatNote(CHECKPOINT, [signedLine(CHECKPOINT)]);
    const parsed = { name: ORIGIN, key_id: LOG_KEY_ID, signature: hexEncode(signature) };
    good('a checkpoint', 'parse', { note: text(whole) }, { text: CHECKPOINT, signatures: [parsed] });
    const unknown = '— unknown.example AAAAAQI=\n';
    good(
      'a signature of an unknown kind',
      'parse',
      { note: text(`a\n\n${unknown}`) },
      { text: 'a\n', signatures: [{ name: 'unknown.example', key_id: 1, signature: '02' }] },
    );
    good(
      'a text with an empty line',
      'parse',
      { note: text(`a\n\nb\n\n${unknown}`) },
      { text: 'a\n\nb\n', signatures: [{ name: 'unknown.example', key_id: 1, signature: '02' }] },
    );
    good(
      '100 signatures',
      'parse',
      { note: text(`a\n\n${unknown.repeat(100)}`) },
      { text: 'a\n', signatures: new Array(100).fill({ name: 'unknown.example', key_id: 1, signature: '02' }) },
    );
    const refused: readonly [string, string][] = [
      ['nothing', ''],
      ['no signature', 'a\n'],
      ['an empty line and no signature', 'a\n\n'],
      ['no newline at the end', whole.slice(0, -1)],
      ['no empty line', `a\n${unknown}`],
      ['a hyphen for the dash', `a\n\n${unknown.replace('—', '-')}`],
      ['two spaces', `a\n\n${unknown.replace('— ', '—  ')}`],
      ['a name with a plus', `a\n\n${unknown.replace('unknown', 'un+known')}`],
      ['no name', 'a\n\n—  AAAAAQI=\n'],
      ['a signature that is not base64', 'a\n\n— unknown.example AAAAAQI\n'],
      ['a key id alone', 'a\n\n— unknown.example AAAAAQ==\n'],
      ['a carriage return', `a\r\n\n${unknown}`],
      ['a NUL', `a\u0000\n\n${unknown}`],
      ['a text after the signatures', `a\n\n${unknown}b\n`],
      ['101 signatures', `a\n\n${unknown.repeat(101)}`],
    ];
    for (const [name, note] of refused)
      bad(name, 'parse', { note: note === '' ? hex('') : text(note) }, 'note_malformed');
    bad(
      'bytes that are not UTF-8',
      'parse',
      { note: bytes(concatBytes(Uint8Array.of(0xff), Buffer.from(whole))) },
      'note_malformed',
    );
    const verify = (note: string, keys: readonly string[] = [LOG_VKEY]): JsonObject => ({
      note: text(note),
      log_keys: keys,
    });
    good('signed by the log', 'verify', verify(whole), [ORIGIN]);
    good('an unknown signature beside the log’s', 'verify', verify(`${whole}${unknown}`), [ORIGIN]);
    good('the same line twice', 'verify', verify(`${whole}${signedLine(CHECKPOINT)}`), [ORIGIN]);
    good(
      'signed by two keys',
      'verify',
      verify(`${whole}${signedLine(CHECKPOINT, otherKey, 'other.example.com')}`, [LOG_VKEY, OTHER_VKEY]),
      [ORIGIN, 'other.example.com'],
    );
    const forged = signedLine(CHECKPOINT.replace('\n7\n', '\n8\n'));
    bad('a signature of another text', 'verify', verify(formatNote(CHECKPOINT, [forged])), 'note_signature_invalid');
    bad(
      'a bad signature by a log key beside a good one',
      'verify',
      verify(`${whole}${forged}`),
      'note_signature_invalid',
    );
    bad(
      'a short signature by a log key',
      'verify',
      verify(formatNote(CHECKPOINT, [line(ORIGIN, LOG_KEY_ID, signature.slice(1))])),
      'note_signature_invalid',
    );
    bad(
      'signed by another key',
      'verify',
      verify(formatNote(CHECKPOINT, [signedLine(CHECKPOINT, otherKey, 'other.example.com')])),
      'log_signature_missing',
    );
    bad(
      'the right name with another key id',
      'verify',
      verify(formatNote(CHECKPOINT, [line(ORIGIN, LOG_KEY_ID + 1, signature)])),
      'log_signature_missing',
    );
    bad(
      'the right key id with another name',
      'verify',
      verify(formatNote(CHECKPOINT, [line('other.example', LOG_KEY_ID, signature)])),
      'log_signature_missing',
    );
  });
}

function keyId(name: string, type: number, key: Uint8Array): string {
  const hash = createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(key).digest();
  return hash.subarray(0, 4).toString('hex');
}

function vkey(name: string, type: number, key: Uint8Array, id = keyId(name, type, key)): string {
  return `${name}+${id}+${Buffer.concat([Buffer.of(type), key]).toString('base64')}`;
}

export function vkeyCases(): VectorFile {
  const about =
    'Keys of logs (type 1) and of cosigners (types 4 and 6) as C2SP signed-note writes them. `key` is hexadecimal.';
  return vectorFile('vkey', about, ({ good, bad }) => {
    const { raw } = logKey.publicKey;
    const id = (type: number) => Number.parseInt(keyId(ORIGIN, type, raw), 16);
    good('a log’s', 'parse', { vkey: vkey(ORIGIN, 1, raw) }, { name: ORIGIN, key_id: id(1), key: hexEncode(raw) });
    good(
      'a witness’s',
      'parse_cosigner',
      { vkey: vkey(ORIGIN, 4, raw) },
      { name: ORIGIN, key_id: id(4), key: hexEncode(raw), type: 4 },
    );
    const mlDsa = seeded('ml-dsa-44', 1312);
    const mlDsaId = Number.parseInt(keyId('witness.example', 6, mlDsa), 16);
    good(
      'a witness’s, ML-DSA-44',
      'parse_cosigner',
      { vkey: vkey('witness.example', 6, mlDsa) },
      { name: 'witness.example', key_id: mlDsaId, key: hexEncode(mlDsa), type: 6 },
    );
    const example = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
    good(
      'the specification’s example',
      'parse',
      { vkey: example },
      {
        name: 'example.com/foo',
        key_id: 0x530d903a,
        key: 'e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4',
      },
    );
    const smallOrder = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);
    const refused: readonly [string, string][] = [
      ['nothing', ''],
      ['without a key', `${ORIGIN}+530d903a`],
      ['a key id of another key', vkey(ORIGIN, 1, raw, '00000000')],
      ['another name than the key id’s', example.replace('foo', 'bar')],
      ['a key id in capitals', example.replace('530d903a', '530D903A')],
      ['a short key id', example.replace('530d903a', '530d903')],
      ['a name with a space', vkey('a b', 1, raw)],
      ['no name', vkey('', 1, raw)],
      ['a key that is not base64', `${example}=`],
      ['a key of 31 bytes', vkey(ORIGIN, 1, raw.slice(1))],
      ['a point of small order', vkey(ORIGIN, 1, smallOrder)],
      ['a space after it', `${example} `],
      ['over 10,000 characters', vkey('x'.repeat(10_000), 1, raw)],
    ];
    for (const [name, value] of refused) bad(name, 'parse', { vkey: value }, 'vkey_malformed');
    bad(
      'an ML-DSA-44 key of 1311 bytes',
      'parse_cosigner',
      { vkey: vkey('witness.example', 6, mlDsa.slice(1)) },
      'vkey_malformed',
    );
    bad('a witness’s point of small order', 'parse_cosigner', { vkey: vkey(ORIGIN, 4, smallOrder) }, 'vkey_malformed');
    bad('a witness’s key as a log’s', 'parse', { vkey: vkey(ORIGIN, 4, raw) }, 'key_unsupported');
    bad('a log’s key as a witness’s', 'parse_cosigner', { vkey: vkey(ORIGIN, 1, raw) }, 'key_unsupported');
    bad('an unknown type', 'parse', { vkey: vkey(ORIGIN, 255, raw) }, 'key_unsupported');
    // Their key ids are made otherwise: 2 from the hash of the SPKI alone, 5 from that hash in the place of the key.
    const { spki } = signingKey('a P-256 log', 'es256').publicKey;
    const hash = createHash('sha256').update(spki).digest();
    const ecdsa = vkey('rekor.example', 2, spki, hash.subarray(0, 4).toString('hex'));
    const ct = vkey('ct.example/2026', 5, spki, keyId('ct.example/2026', 5, hash));
    for (const operation of ['parse', 'parse_cosigner']) {
      bad(`an ECDSA key, ${operation}`, operation, { vkey: ecdsa }, 'key_unsupported');
      bad(`a static-ct log’s key, ${operation}`, operation, { vkey: ct }, 'key_unsupported');
    }
  });
}

export function checkpointCases(): VectorFile {
  return vectorFile(
    'checkpoint',
    'Texts of checkpoints: C2SP tlog-checkpoint. `root` is hexadecimal.',
    ({ good, bad }) => {
      const parse = (name: string, value: string, size: number, extensions: readonly string[] = []) =>
        good(name, 'parse', { text: value }, { origin: ORIGIN, size, root: hexEncode(ROOT), extensions });
      parse('a tree of seven', CHECKPOINT, 7);
      parse('an empty tree', CHECKPOINT.replace('\n7\n', '\n0\n'), 0);
      parse('the largest tree', CHECKPOINT.replace('\n7\n', '\n9007199254740991\n'), 9_007_199_254_740_991);
      parse('extension lines, as other logs have', `${CHECKPOINT}one\ntwo\n`, 7, ['one', 'two']);
      const refused: readonly [string, string][] = [
        ['nothing', ''],
        ['no newline at the end', CHECKPOINT.slice(0, -1)],
        ['no origin', CHECKPOINT.slice(ORIGIN.length)],
        ['no root', `${ORIGIN}\n7\n`],
        ['a size with a leading zero', CHECKPOINT.replace('\n7\n', '\n07\n')],
        ['a negative size', CHECKPOINT.replace('\n7\n', '\n-7\n')],
        ['a size of 2^53', CHECKPOINT.replace('\n7\n', '\n9007199254740992\n')],
        ['a root of 31 bytes', `${ORIGIN}\n7\n${base64Encode(ROOT.slice(1))}\n`],
        ['a root of 12 bytes', `${ORIGIN}\n7\n${base64Encode(ROOT.slice(0, 12))}\n`],
        ['a root without padding', CHECKPOINT.replace('=', '')],
        ['a root in hexadecimal', `${ORIGIN}\n7\n${hexEncode(ROOT)}\n`],
        ['an empty extension line', `${CHECKPOINT}\n`],
        ['a carriage return', CHECKPOINT.replaceAll('\n', '\r\n')],
      ];
      for (const [name, value] of refused) bad(name, 'parse', { text: value }, 'checkpoint_malformed');
    },
  );
}

const TIME = 1_775_235_700;
const witness = createTestWitness({ name: 'witness.example.com/w1', seed: 1 });
const second = createTestWitness({ name: 'witness.example.org/w2', seed: 2 });

/** What stands in the line after the key id. */
function timestamped(cosignature: string): Uint8Array {
  return new Uint8Array(Buffer.from(cosignature.split(' ')[2]!, 'base64').subarray(4));
}

export function cosignatureCases(): VectorFile {
  const about =
    'Cosignatures: C2SP tlog-cosignature. `check` judges one line, and gives its time in ms; `verify` finds those of a checkpoint that count.';
  return vectorFile('cosignature', about, ({ good, bad }) => {
    const signed = witness.cosign(CHECKPOINT, 1000 * TIME);
    const sound = { cosigner: witness.vkey, note_text: CHECKPOINT, timestamped_signature: bytes(timestamped(signed)) };
    good('a cosignature', 'check', sound, 1000 * TIME);
    const extended = `${CHECKPOINT}extension\n`;
    good(
      'one that covers extension lines',
      'check',
      {
        ...sound,
        note_text: extended,
        timestamped_signature: bytes(timestamped(witness.cosign(extended, 1000 * TIME))),
      },
      1000 * TIME,
    );
    bad(
      'of a checkpoint without its extension lines',
      'check',
      { ...sound, timestamped_signature: bytes(timestamped(witness.cosign(extended, 1000 * TIME))) },
      'signature_invalid',
    );
    bad(
      'of another checkpoint',
      'check',
      { ...sound, note_text: CHECKPOINT.replace('\n7\n', '\n8\n') },
      'signature_invalid',
    );
    bad('by another witness', 'check', { ...sound, cosigner: second.vkey }, 'signature_invalid');
    const later = timestamped(signed).slice();
    later[7]! ^= 1;
    bad('with another time', 'check', { ...sound, timestamped_signature: bytes(later) }, 'signature_invalid');
    bad(
      'the time zero',
      'check',
      { ...sound, timestamped_signature: bytes(timestamped(witness.cosign(CHECKPOINT, 0))) },
      'bad_time',
    );
    const milliseconds = formatTimestampedSignature(1000 * TIME, new Uint8Array(64));
    bad(
      'a time in milliseconds, beyond the year 9999',
      'check',
      { ...sound, timestamped_signature: bytes(milliseconds) },
      'bad_time',
    );
    bad(
      'a byte less',
      'check',
      { ...sound, timestamped_signature: bytes(timestamped(signed).slice(1)) },
      'signature_malformed',
    );
    bad(
      'a byte more',
      'check',
      { ...sound, timestamped_signature: bytes(concatBytes(timestamped(signed), Uint8Array.of(0))) },
      'signature_malformed',
    );
    const highS = concatBytes(timestamped(signed).slice(0, 40), new Uint8Array(32).fill(0xff));
    bad('S is not below L', 'check', { ...sound, timestamped_signature: bytes(highS) }, 'signature_malformed');
    const whole = formatNote(CHECKPOINT, [signedLine(CHECKPOINT)]);
    const verify = (lines: readonly string[], more: JsonObject = {}): JsonObject => ({
      note: whole + lines.join(''),
      cosigners: [witness.vkey, second.vkey],
      log_keys: [LOG_VKEY],
      ...more,
    });
    const [one, two] = [witness.cosign(CHECKPOINT, 1000 * TIME), second.cosign(CHECKPOINT, 1000 * (TIME + 5))];
    const first = { name: witness.name, time: 1000 * TIME };
    good('none', 'verify', verify([]), { verified: [], uncounted: [] });
    good('of both', 'verify', verify([two, one]), {
      verified: [first, { name: second.name, time: 1000 * (TIME + 5) }],
      uncounted: [],
    });
    good(
      'twice by one, of which the earlier counts',
      'verify',
      verify([witness.cosign(CHECKPOINT, 1000 * (TIME + 9)), one]),
      { verified: [first], uncounted: [] },
    );
    const fake = line(witness.name, witness.cosigner.keyId, formatTimestampedSignature(TIME, seeded('fake', 64)));
    good('a fake line of a witness who also signed', 'verify', verify([fake, one]), {
      verified: [first],
      uncounted: [],
    });
    const garbled = line(witness.name, witness.cosigner.keyId, new Uint8Array(10));
    good('a line that is no cosignature', 'verify', verify([garbled]), {
      verified: [],
      uncounted: [{ name: witness.name, code: 'signature_malformed' }],
    });
    const untimed = witness.cosign(CHECKPOINT, 0);
    good('the time zero, which says nothing', 'verify', verify([untimed]), {
      verified: [],
      uncounted: [{ name: witness.name, code: 'bad_time' }],
    });
    good('by nobody who is asked', 'verify', verify([one], { cosigners: [second.vkey] }), {
      verified: [],
      uncounted: [],
    });
    const own = createTestWitness({ name: ORIGIN, seed: 3 });
    good(
      'under the name of the log',
      'verify',
      verify([own.cosign(CHECKPOINT, 1000 * TIME)], { cosigners: [own.vkey] }),
      { verified: [], uncounted: [{ name: ORIGIN, code: 'own_cosignature' }] },
    );
    const sameKey = formatCosignerVkey('alias.example.com', logKey.publicKey.raw);
    const { keyId: aliasId } = unwrap(parseCosignerVkey(sameKey));
    const aliasLine = line(
      'alias.example.com',
      aliasId,
      formatTimestampedSignature(TIME, logKey.sign(Buffer.from(`cosignature/v1\ntime ${TIME}\n${CHECKPOINT}`))),
    );
    good('with the key of the log', 'verify', verify([aliasLine], { cosigners: [sameKey] }), {
      verified: [],
      uncounted: [{ name: 'alias.example.com', code: 'own_cosignature' }],
    });
  });
}

export function logPolicyCases(): VectorFile {
  const about = 'Log policies: C2SP tlog-policy. `evaluate` is given when witnesses saw a checkpoint, in ms.';
  return vectorFile('log-policy', about, ({ good, bad }) => {
    const third = createTestWitness({ name: 'witness.example.net/w3', seed: 4 });
    const head = `log ${LOG_VKEY} https://log.example.com/\nwitness A ${witness.vkey}\nwitness B ${second.vkey} https://witness.example.org/\nwitness C ${third.vkey}\n`;
    const parse = (name: string, policy: string, groups: readonly unknown[], quorum: string) =>
      good(name, 'parse', { policy: text(policy) }, { logs: [ORIGIN], witnesses: ['A', 'B', 'C'], groups, quorum });
    parse(
      'two of three',
      `${head}group G 2 A B C\nquorum G\n`,
      [{ name: 'G', threshold: 2, members: ['A', 'B', 'C'] }],
      'G',
    );
    parse('any', `${head}group G any A B\nquorum G\n`, [{ name: 'G', threshold: 1, members: ['A', 'B'] }], 'G');
    parse(
      'all of a group and a witness',
      `${head}group G any A B\ngroup H all G C\nquorum H\n`,
      [
        { name: 'G', threshold: 1, members: ['A', 'B'] },
        { name: 'H', threshold: 2, members: ['G', 'C'] },
      ],
      'H',
    );
    parse('one witness', `${head}quorum A\n`, [], 'A');
    parse('no witness', `${head}quorum none\n`, [], 'none');
    parse('comments, empty lines and tabs', `# a policy\n\n${head.replaceAll(' ', '\t')}\tquorum  A\n`, [], 'A');
    const refused: readonly [string, string][] = [
      ['nothing', ''],
      ['no quorum', head],
      ['two quorums', `${head}quorum A\nquorum B\n`],
      ['a quorum that does not stand above', `${head}quorum D\n`],
      ['no newline at the end', `${head}quorum A`],
      ['an unknown keyword', `${head}quorum A\nmonitor A\n`],
      ['a keyword in capitals', `${head}QUORUM A\n`],
      ['a threshold of zero', `${head}group G 0 A B\nquorum G\n`],
      ['a threshold beyond the members', `${head}group G 3 A B\nquorum G\n`],
      ['a threshold with a leading zero', `${head}group G 01 A B\nquorum G\n`],
      ['a group without members', `${head}group G any\nquorum G\n`],
      ['a member of two groups', `${head}group G any A B\ngroup H any A C\nquorum H\n`],
      ['a member twice', `${head}group G any A A\nquorum G\n`],
      ['a member that stands below', `${head}group G any A H\ngroup H any B C\nquorum G\n`],
      ['none as a member', `${head}group G any A none\nquorum G\n`],
      ['a name twice', `${head}witness A ${third.vkey}\nquorum A\n`],
      ['a witness’s key twice', `${head}witness D ${witness.vkey}\nquorum A\n`],
      ['a log’s key twice', `${head}log ${LOG_VKEY}\nquorum A\n`],
      ['a witness named none', `log ${LOG_VKEY}\nwitness none ${witness.vkey}\nquorum none\n`],
      ['a log without a key', 'log\nquorum none\n'],
      [
        'a fourth item of a witness',
        `${head}witness D ${vkey('d.example', 4, signingKey('d').publicKey.raw)} https://d.example/ more\nquorum A\n`,
      ],
      ['a carriage return', `${head}quorum A\r\n`],
    ];
    for (const [name, policy] of refused) {
      bad(name, 'parse', { policy: policy === '' ? hex('') : text(policy) }, 'log_policy_malformed');
    }
    bad('a key that is none', 'parse', { policy: text('log abc\nquorum none\n') }, 'vkey_malformed');
    bad(
      'a witness with a log’s key',
      'parse',
      { policy: text(`witness A ${LOG_VKEY}\nquorum A\n`) },
      'key_unsupported',
    );
    bad('bytes that are not UTF-8', 'parse', { policy: hex('ff0a') }, 'not_utf8');
    bad(
      'over a hundred groups',
      'parse',
      {
        policy: text(
          `${head}${Array.from({ length: 101 }, (_, index) => `group G${index} any ${index === 0 ? 'A' : `G${index - 1}`}\n`).join('')}quorum A\n`,
        ),
      },
      'too_large',
    );
    const evaluate = (name: string, quorum: string, seen: JsonObject, result: unknown) =>
      good(name, 'evaluate', { policy: text(head + quorum), seen }, result);
    evaluate(
      'two of three, all there: the second counts',
      'group G 2 A B C\nquorum G\n',
      { A: 3000, B: 1000, C: 2000 },
      { met: true, seen_by: 2000 },
    );
    evaluate('two of three, one there', 'group G 2 A B C\nquorum G\n', { A: 1000 }, { met: false });
    evaluate(
      'any of two and a third',
      'group G any A B\ngroup H all G C\nquorum H\n',
      { A: 5000, B: 1000, C: 2000 },
      { met: true, seen_by: 2000 },
    );
    evaluate(
      'a group within a group is missing',
      'group G all A B\ngroup H all G C\nquorum H\n',
      { A: 1000, C: 2000 },
      { met: false },
    );
    evaluate('a witness alone', 'quorum B\n', { B: 7000 }, { met: true, seen_by: 7000 });
    evaluate('another witness alone', 'quorum B\n', { A: 7000 }, { met: false });
    evaluate('none is asked for', 'quorum none\n', {}, { met: true });
  });
}

export function tlogProofCases(): VectorFile {
  const about = 'Proofs: C2SP tlog-proof. The checkpoint is not parsed here.';
  return vectorFile('tlog-proof', about, ({ good, bad }) => {
    const checkpoint = formatNote(CHECKPOINT, [signedLine(CHECKPOINT)]);
    const hashes = [seeded('hash 0'), seeded('hash 1')];
    const lines = hashes.map((hash) => `${base64Encode(hash)}\n`).join('');
    const proof = `c2sp.org/tlog-proof@v1\nindex 5\n${lines}\n${checkpoint}`;
    const expected = { index: 5, proof: hashes.map(hexEncode), checkpoint };
    good('a proof', 'parse', { proof }, expected);
    good('without hashes', 'parse', { proof: proof.replace(lines, '') }, { ...expected, proof: [] });
    good(
      'with extra data, which nobody signed',
      'parse',
      { proof: proof.replace('index', 'extra YWJj\nindex') },
      { ...expected, extra: '616263' },
    );
    const refused: readonly [string, string][] = [
      ['nothing', ''],
      ['another version', proof.replace('@v1', '@v2')],
      ['no index', proof.replace('index 5\n', '')],
      ['an index with a leading zero', proof.replace('index 5', 'index 05')],
      ['a negative index', proof.replace('index 5', 'index -5')],
      ['an index of 2^53', proof.replace('index 5', 'index 9007199254740992')],
      ['an index with a space after it', proof.replace('index 5', 'index 5 ')],
      ['extra after the index', proof.replace('index 5\n', 'index 5\nextra YWJj\n')],
      ['extra that is empty', proof.replace('index', 'extra \nindex')],
      ['extra that is not base64', proof.replace('index', 'extra abc\nindex')],
      ['a hash of 31 bytes', proof.replace(lines, `${base64Encode(hashes[0]!.slice(1))}\n`)],
      ['a hash that is not base64', proof.replace(lines, 'hash\n')],
      ['54 hashes', proof.replace(lines, `${base64Encode(hashes[0]!)}\n`.repeat(54))],
      ['no checkpoint', proof.slice(0, proof.indexOf('\n\n') + 2)],
      ['no empty line', proof.replace('\n\n', '\n').replace('\n\n', '\n')],
      ['carriage returns', proof.replaceAll('\n', '\r\n')],
    ];
    for (const [name, value] of refused) bad(name, 'parse', { proof: value }, 'proof_malformed');
  });
}

export function treeHeadCases(): VectorFile {
  const about = 'Signed tree heads: RFC 6962 §3.5 and §4.3, with Ed25519.';
  return vectorFile('tree-head', about, ({ good, bad }) => {
    const head = { size: 7, root: ROOT, timestamp: 1_775_235_662_123 };
    const signature = logKey.sign(formatTreeHead(head));
    const members = {
      tree_size: head.size,
      timestamp: head.timestamp,
      sha256_root_hash: base64Encode(ROOT),
      tree_head_signature: base64Encode(concatBytes(Uint8Array.of(8, 7, 0, 64), signature)),
    };
    const spki = bytes(ed25519Spki(logKey.publicKey.raw));
    const input = (more: JsonObject): JsonObject => ({ spki, json: text(JSON.stringify({ ...members, ...more })) });
    good('a tree of seven', 'verify', input({}), { size: 7, timestamp: head.timestamp, root: hexEncode(ROOT) });
    const without = ({ tree_size: _, ...rest }: typeof members) => rest;
    const refused: readonly [string, JsonObject, string][] = [
      ['another size', input({ tree_size: 8 }), 'signature_invalid'],
      ['another time', input({ timestamp: head.timestamp + 1 }), 'signature_invalid'],
      ['another root', input({ sha256_root_hash: base64Encode(seeded('another root')) }), 'signature_invalid'],
      ['another key', { ...input({}), spki: bytes(otherKey.publicKey.spki) }, 'signature_invalid'],
      [
        'a key of another kind',
        { ...input({}), spki: bytes(signingKey('tree head', 'es256').publicKey.spki) },
        'key_unsupported',
      ],
      ['a root of 31 bytes', input({ sha256_root_hash: base64Encode(ROOT.slice(1)) }), 'hash_length'],
      ['a root that is not base64', input({ sha256_root_hash: 'x' }), 'bad_base64'],
      ['a size as text', input({ tree_size: '7' }), 'wrong_type'],
      ['a negative size', input({ tree_size: -7 }), 'bad_value'],
      ['a time that is none', input({ timestamp: -1 }), 'bad_time'],
      ['a member more', input({ log_id: '' }), 'unknown_member'],
      ['a member less', { spki, json: text(JSON.stringify(without(members))) }, 'missing_member'],
      ['ECDSA, which this version does not verify', input({ tree_head_signature: 'BAMAAA==' }), 'unsupported'],
      [
        'another length of the signature',
        input({ tree_head_signature: base64Encode(concatBytes(Uint8Array.of(8, 7, 0, 63), signature.slice(1))) }),
        'signature_malformed',
      ],
      [
        'bytes after the signature',
        input({
          tree_head_signature: base64Encode(concatBytes(Uint8Array.of(8, 7, 0, 64), signature, Uint8Array.of(0))),
        }),
        'signature_malformed',
      ],
      [
        'a key that stands twice',
        { spki, json: text(`{"tree_size":7,${JSON.stringify(members).slice(1)}`) },
        'json_duplicate_key',
      ],
      ['no JSON', { spki, json: text('<html>') }, 'json_syntax'],
      ['over 4 kB', { spki, json: text(' '.repeat(5000)) }, 'too_large'],
    ];
    for (const [name, value, code] of refused) bad(name, 'verify', value, code);
  });
}
