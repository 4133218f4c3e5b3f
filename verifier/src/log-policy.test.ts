import { readFileSync } from 'node:fs';
import { codeOf, unwrap } from '@assent/test-support/results';
import { createTestWitness } from '@assent/test-support/witnesses';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Encode } from './bytes.ts';
import { COSIGNATURE_ML_DSA_44, formatCosignerVkey } from './cosigner-key.ts';
import { bareKeyPolicy, formatLogPolicy, type LogPolicy, parseLogPolicy } from './log-policy.ts';
import { formatVkey, parseVkey } from './vkey.ts';

/** Any 32 bytes with y < p will do where nothing is verified. */
const rawKey = (n: number) =>
  new Uint8Array(32)
    .fill(2, 0, 31)
    .fill(Math.floor(n / 256) + 3, 0, 1)
    .fill(n % 256, 1, 2);
const LOG = formatVkey('log.example.com/1', rawKey(1000));
const LOG2 = formatVkey('log.example.com/2', rawKey(1001));
const vkey = (n: number) => formatCosignerVkey(`witness.example.com/${n}`, rawKey(n));
const [A, B, C] = [vkey(1), vkey(2), vkey(3)];
const ML_DSA = formatCosignerVkey('witness.example.com/pq', new Uint8Array(1312).fill(5), COSIGNATURE_ML_DSA_44);

const codes = (text: string | Uint8Array) => codeOf(parseLogPolicy(text));
const lines = (...items: readonly string[]) => items.map((line) => `${line}\n`).join('');

describe('parseLogPolicy', () => {
  it('reads the shape of the example in the specification', () => {
    const [x1, x2, x3, y1, y2, y3] = [1, 2, 3, 4, 5, 6].map(vkey);
    const policy = unwrap(
      parseLogPolicy(`log ${LOG}

witness X1 ${x1}
witness X2 ${x2}
witness X3 ${x3}
group X-witnesses 2 X1 X2 X3

witness Y1 ${y1}
witness Y2 ${y2}
witness Y3 ${y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`),
    );
    expect(policy.logs).toEqual([{ key: unwrap(parseVkey(LOG)) }]);
    expect(policy.witnesses.map(({ name, key }) => [name, key.vkey])).toEqual([
      ['X1', x1],
      ['X2', x2],
      ['X3', x3],
      ['Y1', y1],
      ['Y2', y2],
      ['Y3', y3],
    ]);
    expect(policy.groups).toEqual([
      { name: 'X-witnesses', threshold: 2, members: ['X1', 'X2', 'X3'] },
      { name: 'Y-witnesses', threshold: 1, members: ['Y1', 'Y2', 'Y3'] },
      { name: 'X-and-Y', threshold: 2, members: ['X-witnesses', 'Y-witnesses'] },
    ]);
    expect(policy.quorum).toBe('X-and-Y');
  });

  it('reads the worked example of the file', () => {
    const example = `log log.example.com/approvals+7b48e9c0+Ae1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR https://log.example.com/
witness X1 ${createTestWitness({ name: 'witness.example.com/x1', seed: 4 }).vkey}
witness X2 ${createTestWitness({ name: 'witness.example.com/x2', seed: 5 }).vkey}
witness Y ${createTestWitness({ name: 'witness.example.org/y', seed: 6 }).vkey}
group X any X1 X2
group X-and-Y all X Y
quorum X-and-Y
`;
    const policy = unwrap(parseLogPolicy(example));
    expect(policy.logs[0]!.url).toBe('https://log.example.com/');
    expect(formatLogPolicy(policy)).toBe(
      example.replace('group X any', 'group X 1').replace('X-and-Y all', 'X-and-Y 2'),
    );
  });

  it('reads the example in docs/formats.md, which is the same', () => {
    const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8');
    const [, example] = /```text\n(log [^`]*)```/.exec(page)!;
    expect(example).toContain(createTestWitness({ name: 'witness.example.org/y', seed: 6 }).vkey);
    expect(unwrap(parseLogPolicy(example!))).toMatchObject({
      logs: [{ key: { name: 'log.example.com/approvals' } }],
      witnesses: [{ name: 'X1' }, { name: 'X2' }, { name: 'Y' }],
      groups: [
        { name: 'X', threshold: 1 },
        { name: 'X-and-Y', threshold: 2 },
      ],
      quorum: 'X-and-Y',
    });
  });

  it('takes comments, empty lines, and white space anywhere between items', () => {
    const plain = lines(`log ${LOG} https://log/`, `witness a ${A} https://a/`, 'group g any a', 'quorum g');
    const wild = lines(
      '# a comment',
      '',
      ' \t ',
      `\t log \t ${LOG}  https://log/ `,
      '  #another: § 水',
      `witness\ta\t${A}\thttps://a/\t`,
      '#',
      'group   g any   a',
      '##quorum none',
      'quorum g',
      '',
    );
    expect(parseLogPolicy(wild)).toEqual(parseLogPolicy(plain));
    expect(parseLogPolicy(utf8Encode(wild))).toEqual(parseLogPolicy(plain));
  });

  it('divides at space and tab alone: other white space is part of a name', () => {
    const policy = unwrap(parseLogPolicy(lines(`witness a\u00a0b ${A}`, `witness \u2028 ${B}`, 'quorum a\u00a0b')));
    expect(policy.witnesses.map(({ name }) => name)).toEqual(['a\u00a0b', '\u2028']);
  });

  it('takes names as they are: by bytes, and whatever words they are', () => {
    const policy = unwrap(
      parseLogPolicy(
        lines(
          `witness K ${A}`,
          `witness \u212a ${B}`,
          `witness #any ${C}`,
          'group all any K \u212a #any',
          'quorum all',
        ),
      ),
    );
    expect(policy.groups).toEqual([{ name: 'all', threshold: 1, members: ['K', '\u212a', '#any'] }]);
    expect(codes(lines(`witness k ${A}`, 'quorum K'))).toBe('log_policy_malformed');
    for (const name of ['constructor', '__proto__', 'log', 'witness', '1', 'quorum']) {
      expect(codes(lines(`witness ${name} ${A}`, `quorum ${name}`))).toBeUndefined();
    }
  });

  it('needs neither logs nor witnesses, and takes definitions after the quorum', () => {
    expect(unwrap(parseLogPolicy('quorum none\n'))).toEqual({ logs: [], witnesses: [], groups: [], quorum: 'none' });
    expect(
      codes(lines(`witness a ${A}`, 'quorum a', `witness b ${B}`, 'group g all a b', `log ${LOG}`)),
    ).toBeUndefined();
  });

  it('knows ML-DSA-44 witnesses', () => {
    const policy = unwrap(
      parseLogPolicy(lines(`witness pq ${ML_DSA}`, `witness a ${A}`, 'group g any pq a', 'quorum g')),
    );
    expect(policy.witnesses.map(({ key }) => key.algorithm)).toEqual([6, 4]);
  });

  it('takes one key as a log and as a witness: which may not count is known with the checkpoint', () => {
    const log = formatVkey('log.example.com/1', rawKey(1));
    expect(codes(lines(`log ${log}`, `witness a ${A}`, 'quorum a'))).toBeUndefined();
  });

  const malformed: Record<string, string> = {
    'an empty file': '',
    'no quorum': lines(`witness a ${A}`),
    'a last line that is not ended': 'quorum none',
    'a file that was cut short': lines(`witness a ${A}`, `witness ab ${B}`, 'quorum ab').slice(0, -2),
    'two quorums': lines('quorum none', 'quorum none'),
    'a quorum without a name': lines('quorum'),
    'a quorum of two names': lines(`witness a ${A}`, `witness b ${B}`, 'quorum a b'),
    'an unknown quorum': lines('quorum a'),
    'a quorum before its definition': lines('quorum a', `witness a ${A}`),
    'an unknown keyword': lines('witnesses a', 'quorum none'),
    'a keyword in upper case': lines('Quorum none'),
    'a keyword of objects': lines('constructor a', 'quorum none'),
    'a byte order mark': '\ufeffquorum none\n',
    'a carriage return': 'quorum none\r\n',
    'a form feed': '\fquorum none\n',
    'a NUL': 'quorum none\n#\0\n',
    'a DEL in a comment': 'quorum none\n#\u007f\n',
    'broken Unicode': 'quorum none\n#\ud800\n',
    'a comment after an item': lines(`log ${LOG} https://log/ # ours`, 'quorum none'),
    'a log without a key': lines('log', 'quorum none'),
    'a log with two URLs': lines(`log ${LOG} https://a https://b`, 'quorum none'),
    'a log twice': lines(`log ${LOG}`, `log ${LOG} https://log/`, 'quorum none'),
    'a log key under two names': lines(
      `log ${LOG}`,
      `log ${formatVkey('log.example.com/2', rawKey(1000))}`,
      'quorum none',
    ),
    'a witness without a key': lines('witness a', 'quorum none'),
    'a witness with two URLs': lines(`witness a ${A} https://a https://b`, 'quorum none'),
    'a witness twice': lines(`witness a ${A}`, `witness a ${A}`, 'quorum none'),
    'a witness name twice': lines(`witness a ${A}`, `witness a ${B}`, 'quorum none'),
    'a witness key twice': lines(`witness a ${A}`, `witness b ${A}`, 'quorum none'),
    'a witness key under two key names': lines(
      `witness a ${A}`,
      `witness b ${formatCosignerVkey('elsewhere.example', rawKey(1))}`,
      'quorum none',
    ),
    'an ML-DSA-44 key twice': lines(`witness a ${ML_DSA}`, `witness b ${ML_DSA}`, 'quorum none'),
    'a witness called none': lines(`witness none ${A}`, 'quorum none'),
    'a group called none': lines(`witness a ${A}`, 'group none any a', 'quorum none'),
    'a group with the name of a witness': lines(`witness a ${A}`, 'group a any a', 'quorum a'),
    'a group name twice': lines(`witness a ${A}`, `witness b ${B}`, 'group g any a', 'group g any b', 'quorum g'),
    'a group without anything': lines('group', 'quorum none'),
    'a group without a threshold': lines('group g', 'quorum none'),
    'a group without members': lines('group g any', 'quorum none'),
    'a group of itself': lines('group g any g', 'quorum g'),
    'a group of none': lines('group g any none', 'quorum g'),
    'a group of the unknown': lines('group g any a', `witness a ${A}`, 'quorum g'),
    'a member twice in a group': lines(`witness a ${A}`, 'group g any a a', 'quorum g'),
    'a member of two groups': lines(`witness a ${A}`, 'group g any a', 'group h any a', 'quorum g'),
    'a group that is a member twice': lines(
      `witness a ${A}`,
      'group g any a',
      'group h any g',
      'group i any g',
      'quorum g',
    ),
  };
  for (const threshold of ['0', '3', '-1', '+1', '01', '1.0', '1e0', 'ANY', 'most', '0x1', '9007199254740993', '2/2']) {
    malformed[`the threshold ${threshold} of two`] = lines(
      `witness a ${A}`,
      `witness b ${B}`,
      `group g ${threshold} a b`,
      'quorum g',
    );
  }
  for (const [what, text] of Object.entries(malformed)) {
    it(`refuses ${what}`, () => {
      expect(codes(text)).toBe('log_policy_malformed');
    });
  }

  it('refuses keys that are none, or of another kind', () => {
    expect(codes(lines('log x', 'quorum none'))).toBe('vkey_malformed');
    expect(codes(lines(`witness a ${A.replace('/1+', '/7+')}`, 'quorum none'))).toBe('vkey_malformed');
    expect(codes(lines(`log ${A}`, 'quorum none'))).toBe('key_unsupported');
    expect(codes(lines(`witness a ${LOG}`, 'quorum none'))).toBe('key_unsupported');
    expect(codes(lines(`log ${ML_DSA}`, 'quorum none'))).toBe('key_unsupported');
    expect(codes(lines(`witness ${A}`, 'quorum none'))).toBe('log_policy_malformed');
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(codes(Uint8Array.of(...utf8Encode('quorum none\n#'), 0xe9, 0x0a))).toBe('not_utf8');
  });

  it('says in which line', () => {
    const failure = parseLogPolicy(lines('# a', '', `witness a ${A}`, 'quorum "b"'));
    expect(failure).toEqual({ ok: false, code: 'log_policy_malformed', detail: 'line 4: no "\\"b\\"" stands above' });
    const long = parseLogPolicy(lines(`quorum ${'x'.repeat(10_000)}`));
    expect(long.ok || long.detail.length).toBeLessThan(200);
  });

  it('takes a hundred of each, and no more', () => {
    const of = (count: number) => Array.from({ length: count }, (_, i) => i);
    const witnesses = (count: number) => of(count).map((i) => `witness w${i} ${vkey(i)}`);
    const logs = (count: number) => of(count).map((i) => `log ${formatVkey(`log.example/${i}`, rawKey(i))}`);
    const groups = (count: number) => of(count).map((i) => `group g${i} any ${i === 0 ? 'w0' : `g${i - 1}`}`);
    expect(codes(lines(...logs(100), ...witnesses(100), ...groups(100), 'quorum g99'))).toBeUndefined();
    expect(codes(lines(...logs(101), 'quorum none'))).toBe('too_large');
    expect(codes(lines(...witnesses(101), 'quorum none'))).toBe('too_large');
    expect(codes(lines(...witnesses(1), ...groups(101), 'quorum none'))).toBe('too_large');
    expect(codes(`#${'x'.repeat(1_000_000)}\nquorum none\n`)).toBe('too_large');
  });
});

describe('formatLogPolicy', () => {
  /** A policy by its text: witnesses, each group of some that are still free, a quorum out of all. */
  const policyText = fc
    .record({
      logs: fc.integer({ min: 0, max: 3 }),
      witnesses: fc.integer({ min: 1, max: 6 }),
      groups: fc.array(fc.record({ take: fc.integer({ min: 1, max: 4 }), threshold: fc.nat(), word: fc.boolean() }), {
        maxLength: 4,
      }),
      quorum: fc.nat(),
      url: fc.boolean(),
    })
    .map(({ logs, witnesses, groups, quorum, url }) => {
      const suffix = url ? ' https://example.com/' : '';
      const text = Array.from({ length: logs }, (_, i) => `log ${formatVkey(`log/${i}`, rawKey(i))}${suffix}`);
      const names = ['none'];
      const free: string[] = [];
      for (let i = 0; i < witnesses; i++) {
        text.push(`witness w${i} ${vkey(i)}${suffix}`);
        free.push(`w${i}`);
        names.push(`w${i}`);
      }
      for (const [i, { take, threshold, word }] of groups.entries()) {
        const members = free.splice(0, take);
        if (members.length === 0) break;
        text.push(`group g${i} ${word ? 'all' : 1 + (threshold % members.length)} ${members.join(' ')}`);
        free.push(`g${i}`);
        names.push(`g${i}`);
      }
      return lines(...text, `quorum ${names[quorum % names.length]}`);
    });

  it('writes what reads back as the same', () => {
    fc.assert(
      fc.property(policyText, (text) => {
        const policy = unwrap(parseLogPolicy(text));
        expect(parseLogPolicy(formatLogPolicy(policy))).toEqual({ ok: true, value: policy });
      }),
      { numRuns: 200 },
    );
  });

  it('throws for what was put together by hand and would read as something else', () => {
    const good = unwrap(parseLogPolicy(lines(`log ${LOG}`, `witness a ${A}`, 'group g any a', 'quorum g')));
    const [witness] = good.witnesses;
    const bad: readonly Partial<LogPolicy>[] = [
      { quorum: 'h' },
      { quorum: '' },
      { quorum: 'g\nlog x' },
      { witnesses: [{ ...witness!, name: `a ${B}` }] },
      { witnesses: [{ ...witness!, name: `b ${B}\nwitness a` }] },
      { witnesses: [{ ...witness!, url: 'https://a b' }] },
      { witnesses: [{ ...witness!, url: '' }] },
      { witnesses: [] },
      { groups: [{ name: 'g', threshold: 2, members: ['a'] }] },
      { groups: [{ name: 'g', threshold: 1, members: [] }] },
      { logs: [...good.logs, ...good.logs] },
    ];
    for (const change of bad) expect(() => formatLogPolicy({ ...good, ...change })).toThrow(TypeError);
    expect(formatLogPolicy(good)).toContain('group g 1 a\nquorum g\n');
  });
});

describe('bareKeyPolicy', () => {
  it('asks for no witness', () => {
    const policy = bareKeyPolicy([LOG, LOG2, LOG]);
    expect(formatLogPolicy(policy)).toBe(lines(`log ${LOG}`, `log ${LOG2}`, 'quorum none'));
    expect(bareKeyPolicy([])).toEqual(unwrap(parseLogPolicy('quorum none\n')));
  });

  it('throws for what is no log key, and says which', () => {
    expect(() => bareKeyPolicy([LOG, A])).toThrow(/^logKeys\[1\]: vkey: signature type 4/);
    expect(() => bareKeyPolicy(['x'])).toThrow(TypeError);
  });
});
