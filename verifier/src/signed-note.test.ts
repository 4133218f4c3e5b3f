import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { codeOf, unwrap } from '@assent/test-support/results';
import { readSharedVectors } from '@assent/test-support/shared-vectors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { utf8Encode } from './bytes.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { formatNote, formatSignatureLine, parseNote, verifyNote } from './signed-note.ts';
import { formatVkey, type NoteVerifier, noteKeyId, parseVkey } from './vkey.ts';

type Signer = { verifier: NoteVerifier; line(text: string): string };

function signer(name: string, seed: number): Signer {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  const privateKey: KeyObject = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const raw = new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(12));
  const verifier = unwrap(parseVkey(formatVkey(name, raw)));
  return {
    verifier,
    line: (text) =>
      formatSignatureLine(name, verifier.keyId, new Uint8Array(sign(null, Buffer.from(text), privateKey))),
  };
}

const log = signer('log.example/1', 1);
const rotated = signer('log.example/1', 2);
const witness = signer('witness.example', 3);
const text = 'log.example/1\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const note = formatNote(text, [log.line(text)]);

const open = async (bytes: string | Uint8Array, keys: readonly NoteVerifier[], primitives?: Primitives) => {
  const parsed = parseNote(bytes);
  if (!parsed.ok) return parsed;
  return verifyNote(parsed.value, keys, primitives);
};
const names = async (bytes: string, keys: readonly NoteVerifier[]) =>
  unwrap(await open(bytes, keys)).verified.map(({ name, keyId }) => `${name}+${keyId.toString(16)}`);

describe('parseNote', () => {
  it('reads the example of the specification', async () => {
    const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
    const line =
      '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
    const example = `This is an example message.\n\n${line}`;
    const parsed = unwrap(parseNote(example));
    expect(parsed.text).toBe('This is an example message.\n');
    expect(parsed.signatures).toMatchObject([{ name: 'example.com/foo', keyId: 0x530d903a, line }]);
    expect(parsed.signatures[0]!.signature.length).toBe(64);
    expect(codeOf(await open(example, [unwrap(parseVkey(vkey))]))).toBeUndefined();
  });

  it('divides at the last empty line', () => {
    const poem = 'first\n\nsecond\n\n\nthird\n';
    expect(unwrap(parseNote(`${poem}\n${log.line(poem)}`)).text).toBe(poem);
    expect(unwrap(parseNote(`${poem}\n\n${log.line(poem)}`)).text).toBe(`${poem}\n`);
    expect(unwrap(parseNote(`\n\n${log.line('\n')}`)).text).toBe('\n');
  });

  it('takes a signature before the last empty line for text', async () => {
    const doubled = `${note}\n${log.line(text)}`;
    expect(unwrap(parseNote(doubled)).text).toBe(note);
    expect(codeOf(await open(doubled, [log.verifier]))).toBe('note_signature_invalid');
  });

  it('gives the same from bytes and from text', () => {
    expect(parseNote(utf8Encode(note))).toEqual(parseNote(note));
    const accents = 'è subito sera\n\ufeff水\u0085\u2028\u007f\n';
    const bytes = utf8Encode(formatNote(accents, [log.line(accents)]));
    expect(unwrap(parseNote(bytes)).text).toBe(accents);
  });

  it('takes 16 signatures and up to 100, of ML-DSA length', () => {
    const long = formatSignatureLine('pq.example', 1, new Uint8Array(4627));
    for (const count of [1, 16, 17, 100]) {
      expect(unwrap(parseNote(`${text}\n${long.repeat(count)}`)).signatures.length).toBe(count);
    }
    expect(codeOf(parseNote(`${text}\n${long.repeat(101)}`))).toBe('note_malformed');
  });

  it('takes signatures of one byte and of unknown kinds', () => {
    const odd = formatSignatureLine('x', 0xffffffff, Uint8Array.of(0));
    expect(unwrap(parseNote(`${text}\n${odd}`)).signatures).toMatchObject([
      { name: 'x', keyId: 0xffffffff, signature: Uint8Array.of(0) },
    ]);
  });

  const line = log.line(text);
  const b64 = line.split(' ')[2]!.trim();
  const refused: Record<string, string | Uint8Array> = {
    nothing: '',
    'a newline': '\n',
    'the text alone': text,
    'no signature lines': `${text}\n`,
    'no empty line': text + line,
    'no newline at the end': note.slice(0, -1),
    'an empty line at the end': `${note}\n`,
    'text after the signatures': `${note}more\n`,
    'text before a signature': `${text}\nmore\n${line}`,
    'a carriage return in the text': note.replace('\n', '\r\n'),
    'carriage returns everywhere': note.replaceAll('\n', '\r\n'),
    'a carriage return at the end': `${note.slice(0, -1)}\r\n`,
    'a tab': note.replace('log', 'l\tog'),
    'a zero byte': note.replace('log', 'l\0og'),
    'an escape character': note.replace('log', 'l\u001bog'),
    'a lone surrogate': note.replace('log', 'l\ud800og'),
    'bytes that are not UTF-8': Buffer.concat([Buffer.of(0xff), Buffer.from(note)]),
    'overlong UTF-8': Buffer.concat([Buffer.of(0xc0, 0x8a), Buffer.from(note)]),
    'a surrogate in UTF-8': Buffer.concat([Buffer.of(0xed, 0xa0, 0x80), Buffer.from(note)]),
    'a hyphen for the em dash': note.replace('—', '-'),
    'two hyphens for the em dash': note.replace('—', '--'),
    'an en dash': note.replace('—', '–'),
    'a horizontal bar': note.replace('—', '―'),
    'no space after the dash': note.replace('— ', '—'),
    'two spaces after the dash': note.replace('— ', '—  '),
    'a space before the dash': note.replace('\n—', '\n —'),
    'no-break space after the dash': note.replace('— ', '—\u00a0'),
    'no name': note.replace('— log.example/1 ', '—  '),
    'a name with a space': note.replace('— log.example/1', '— log example'),
    'a name with a no-break space': note.replace('— log.example/1', '— log\u00a0example'),
    'a name with an ideographic space': note.replace('— log.example/1', '— log\u3000example'),
    'a name with a plus': note.replace('— log.example/1', '— log+example'),
    'no signature': `${text}\n— log.example/1\n`,
    'an empty signature': `${text}\n— log.example/1 \n`,
    'a key id alone': `${text}\n— log.example/1 ${base64Encode(new Uint8Array(4))}\n`,
    'three bytes': `${text}\n— log.example/1 ${base64Encode(new Uint8Array(3))}\n`,
    'a space at the end of a line': note.replace(b64, `${b64} `),
    'two spaces between name and signature': note.replace(` ${b64}`, `  ${b64}`),
    'base64 without padding': note.replace(b64, b64.replace(/=+$/, '')),
    'base64 with too much padding': note.replace(b64, `${b64}=`),
    'base64 with stray bits': note.replace(b64, `${base64Encode(new Uint8Array(8)).slice(0, -2)}B=`),
    base64url: note.replace(b64, b64.replace(/^../, '-_')),
    'a bad line by an unknown key': `${note}— witness.example !!!\n`,
  };
  for (const [what, bytes] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parseNote(bytes))).toBe('note_malformed');
    });
  }

  it('refuses over a megabyte before it looks', () => {
    expect(codeOf(parseNote('x'.repeat(1_000_001)))).toBe('too_large');
    expect(codeOf(parseNote(new Uint8Array(1_000_001).fill(0xff)))).toBe('too_large');
  });
});

describe('formatNote', () => {
  it('is the inverse of parseNote', () => {
    const character = fc.oneof(
      fc.constantFrom('\n', 'a', '—', ' ', '+', '水'),
      fc.string({ minLength: 1, maxLength: 1 }),
    );
    const texts = fc.array(character).map((characters) => `${characters.join('')}\n`);
    const signature = fc.record({
      name: fc.stringMatching(/^[a-z./é—]+$/),
      keyId: fc.nat(0xffffffff),
      signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    });
    fc.assert(
      fc.property(texts, fc.array(signature, { minLength: 1, maxLength: 16 }), (own, signatures) => {
        const lines = signatures.map((item) => formatSignatureLine(item.name, item.keyId, item.signature));
        const formatted = formatNote(own, lines);
        const parsed = unwrap(parseNote(formatted));
        expect(parsed.text).toBe(own);
        expect(parsed.signatures).toEqual(signatures.map((item, i) => ({ ...item, line: lines[i] })));
        expect(`${parsed.text}\n${parsed.signatures.map((item) => item.line).join('')}`).toBe(formatted);
      }),
    );
  });

  it('throws on what could not be read back', () => {
    const line = log.line(text);
    expect(() => formatNote('no newline', [line])).toThrow(TypeError);
    expect(() => formatNote('', [line])).toThrow(TypeError);
    expect(() => formatNote(text, [])).toThrow(TypeError);
    expect(() => formatNote(text, [line.trim()])).toThrow(TypeError);
    expect(() => formatNote(text, [line + line])).toThrow(TypeError);
    expect(() => formatNote(text, [`\n${line}`])).toThrow(TypeError);
    expect(() => formatNote('a\rb\n', [line])).toThrow(TypeError);
    expect(() => formatSignatureLine('a b', 1, new Uint8Array(1))).toThrow(TypeError);
    expect(() => formatSignatureLine('a', -1, new Uint8Array(1))).toThrow(RangeError);
    expect(() => formatSignatureLine('a', 2 ** 32, new Uint8Array(1))).toThrow(RangeError);
    expect(() => formatSignatureLine('a', 1.5, new Uint8Array(1))).toThrow(RangeError);
    expect(() => formatSignatureLine('a', 1, new Uint8Array())).toThrow(RangeError);
  });
});

describe('verifyNote', () => {
  it('says which keys signed', async () => {
    expect(unwrap(await open(note, [log.verifier])).verified).toEqual([log.verifier]);
    const both = formatNote(text, [witness.line(text), log.line(text)]);
    expect(await names(both, [log.verifier])).toEqual([`log.example/1+${log.verifier.keyId.toString(16)}`]);
    expect(unwrap(await open(both, [log.verifier, witness.verifier])).verified).toEqual([
      witness.verifier,
      log.verifier,
    ]);
  });

  it('never verifies with any bit flipped', async () => {
    const bytes = utf8Encode(note);
    for (let i = 0; i < bytes.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = new Uint8Array(bytes);
        flipped[i] = flipped[i]! ^ (1 << bit);
        const opened = await open(flipped, [log.verifier]);
        expect(codeOf(opened), `byte ${i}, bit ${bit}`).toMatch(
          /^(note_malformed|note_signature_invalid|log_signature_missing)$/,
        );
      }
    }
  });

  it('keeps its text when a line by another key is flipped, or refuses', async () => {
    const bytes = utf8Encode(formatNote(text, [log.line(text), witness.line(text)]));
    for (let i = utf8Encode(note).length; i < bytes.length; i++) {
      const flipped = new Uint8Array(bytes);
      flipped[i] = flipped[i]! ^ 0x01;
      const parsed = parseNote(flipped);
      if (parsed.ok) {
        expect(parsed.value.text).toBe(text);
        expect((await verifyNote(parsed.value, [log.verifier])).ok).toBe(true);
      }
    }
  });

  it('knows several keys of one name', async () => {
    const rotation = formatNote(text, [log.line(text), rotated.line(text)]);
    expect(unwrap(await open(rotation, [log.verifier, rotated.verifier])).verified.length).toBe(2);
    expect(unwrap(await open(rotation, [rotated.verifier])).verified).toEqual([rotated.verifier]);
    expect(unwrap(await open(note, [rotated.verifier, log.verifier])).verified).toEqual([log.verifier]);
  });

  it('ignores lines that share the name or the id, but not both', async () => {
    const { keyId } = log.verifier;
    const garbage = new Uint8Array(64).fill(9);
    const strangers = [
      formatSignatureLine('log.example/1', noteKeyId('log.example/1', 4, garbage), garbage),
      formatSignatureLine('log.example/2', keyId, garbage),
      formatSignatureLine('LOG.example/1', keyId, garbage),
    ];
    expect(unwrap(await open(formatNote(text, [...strangers, log.line(text)]), [log.verifier])).verified.length).toBe(
      1,
    );
    expect(codeOf(await open(formatNote(text, strangers), [log.verifier]))).toBe('log_signature_missing');
  });

  it('refuses the whole note for one bad signature by a log key, wherever it stands', async () => {
    const bad = formatSignatureLine(log.verifier.name, log.verifier.keyId, new Uint8Array(64).fill(9));
    const foreign = log.line('another text\n');
    const short = formatSignatureLine(log.verifier.name, log.verifier.keyId, new Uint8Array(63));
    const timestamped = formatSignatureLine(log.verifier.name, log.verifier.keyId, new Uint8Array(72));
    for (const wrong of [bad, foreign, short, timestamped]) {
      for (const lines of [[wrong], [log.line(text), wrong], [wrong, log.line(text)]]) {
        expect(codeOf(await open(formatNote(text, lines), [log.verifier]))).toBe('note_signature_invalid');
      }
    }
    const rotation = formatNote(text, [log.line(text), rotated.line('another text\n')]);
    expect(codeOf(await open(rotation, [log.verifier, rotated.verifier]))).toBe('note_signature_invalid');
  });

  it('refuses when nobody known signed', async () => {
    expect(codeOf(await open(note, []))).toBe('log_signature_missing');
    expect(codeOf(await open(note, [witness.verifier, rotated.verifier]))).toBe('log_signature_missing');
  });

  it('counts a key once, and verifies equal lines once', async () => {
    let verifications = 0;
    const counting: Primitives = {
      ...webCryptoPrimitives,
      verifySignature: (...parts) => {
        verifications += 1;
        return webCryptoPrimitives.verifySignature(...parts);
      },
    };
    const hundred = formatNote(
      text,
      Array.from({ length: 100 }, () => log.line(text)),
    );
    expect(unwrap(await open(hundred, [log.verifier], counting)).verified).toEqual([log.verifier]);
    expect(verifications).toBe(1);
  });

  it('refuses when two keys with one name and id do not both agree', async () => {
    const collided = { ...rotated.verifier, keyId: log.verifier.keyId };
    for (const keys of [
      [log.verifier, collided],
      [collided, log.verifier],
    ]) {
      expect(codeOf(await open(note, keys))).toBe('note_signature_invalid');
    }
  });

  it('says unsupported where the runtime is the reason', async () => {
    const lacking: Primitives = { ...webCryptoPrimitives, verifySignature: () => 'unsupported' };
    expect(codeOf(await open(note, [log.verifier], lacking))).toBe('unsupported');
  });

  it('golang.org/x/mod: 16 notes', async () => {
    const file = readSharedVectors('golang-mod/sumdb-note-open.json', 16);
    if (file === undefined) return;
    type Vector = { name: string; keys: string[]; expect: 'accept' | 'reject'; note?: string; note_b64?: string };
    const vectors: (Vector & { verified?: string[] })[] = JSON.parse(file).open;
    let accepted = 0;
    for (const vector of vectors) {
      const bytes = vector.note ?? new Uint8Array(Buffer.from(vector.note_b64!, 'base64'));
      const opened = await open(
        bytes,
        vector.keys.map((key) => unwrap(parseVkey(key))),
      );
      // Exempt: Go refuses a list of verifiers that holds one twice. One key given twice is one key here; two different
      // keys of one name and id are refused (above).
      const exempt = vector.name === 'duplicated verifier used';
      expect(opened.ok, vector.name).toBe(vector.expect === 'accept' || exempt);
      if (opened.ok && !exempt) expect(opened.value.verified.map(({ name }) => name)).toEqual(vector.verified);
      accepted += opened.ok ? 1 : 0;
    }
    console.log(`golang-mod notes: ${vectors.length} ran, ${accepted} accepted, 1 exempted`);
    expect([vectors.length, accepted]).toEqual([16, 5]);
  });

  it('C2SP: the note of the specification', async () => {
    const file = readSharedVectors('c2sp-spec/spec-examples.json', 1);
    if (file === undefined) return;
    const vectors: { vkey: string; note: string }[] = JSON.parse(file).signedNote;
    for (const vector of vectors) {
      expect(codeOf(await open(vector.note, [unwrap(parseVkey(vector.vkey))]))).toBeUndefined();
    }
    console.log(`C2SP notes: ${vectors.length} ran`);
    expect(vectors.length).toBe(1);
  });
});
