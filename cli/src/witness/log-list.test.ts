import { createTestLog } from '@assent/test-support';
import { formatCosignerVkey } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { LogListError, parseLogList } from './log-list.ts';

const foo = createTestLog({ origin: 'foo.example/log' }).vkey;
const bar = createTestLog({ origin: 'bar.example/log' }).vkey;
const foo2 = createTestLog({ origin: 'foo.example/log' }).vkey;

const namesOf = (text: string) =>
  [...parseLogList(text).logs].map(([origin, keys]) => [origin, keys.map(({ name }) => name)]);
const wrongIn = (text: string): string => {
  try {
    parseLogList(text);
  } catch (error) {
    if (error instanceof LogListError) return error.message;
  }
  return 'nothing';
};

describe('a list of logs', () => {
  it('is what the witness network publishes', () => {
    const text = `#
# List:      10qps-100klogs
logs/v0

# foo's log
vkey ${foo}
origin none
qpd 86400
bastion https://bastion.foo.example/
contact https://foo.example/contact

  # bar's
vkey ${bar}
origin something that is not the key's name
qpd 24
contact sysadmin (at) bar.example
`;
    expect(namesOf(text)).toEqual([
      ['foo.example/log', ['foo.example/log']],
      ["something that is not the key's name", ['bar.example/log']],
    ]);
  });

  it('can say keys and nothing more, several for a log, and none at all', () => {
    expect(namesOf(`logs/v0\nvkey ${foo}\nvkey ${foo2}\nvkey ${foo}\n`)).toEqual([
      ['foo.example/log', ['foo.example/log', 'foo.example/log']],
    ]);
    expect(namesOf(`logs/v0\nvkey ${foo}\norigin bar.example/log\nvkey ${bar}\n`)).toEqual([
      ['bar.example/log', ['foo.example/log', 'bar.example/log']],
    ]);
    expect(namesOf('logs/v0\n')).toEqual([]);
  });

  it('leaves out keys of other kinds, and says so', () => {
    const cosigner = formatCosignerVkey('bar.example/log', new Uint8Array(32).fill(1));
    const list = parseLogList(`logs/v0\nvkey ${cosigner}\nqpd 1\nvkey ${foo}\n`);
    expect([...list.logs.keys()]).toEqual(['foo.example/log']);
    expect(list.unsupported).toEqual([expect.stringMatching(/^line 2: .*type 4/)]);
  });

  it.each([
    ['', 'last line: it does not end in a newline'],
    ['\n', 'line 1: it does not begin with "logs/v0"'],
    ['logs/v1\n', 'line 1: it does not begin with "logs/v0"'],
    [`logs/v0\nvkey ${foo}\nqpd 1`, 'last line'],
    [`logs/v0\nvkey ${foo.slice(0, -4)}AAA=\n`, 'line 2: vkey'],
    [`logs/v0\nvkey\n`, 'line 2: nothing follows "vkey"'],
    [`logs/v0\nqpd 24\n`, 'line 2: "qpd" stands where it does not belong'],
    [`logs/v0\nvkey ${foo}\nqpd 24\norigin none\n`, 'line 4: "origin" stands where it does not belong'],
    [`logs/v0\nvkey ${foo}\nqpd 24\nqpd 24\n`, 'line 4: "qpd" stands where it does not belong'],
    [`logs/v0\nvkey ${foo}\nqpd 0\n`, 'line 3: "qpd" takes a whole number from 1'],
    [`logs/v0\nvkey ${foo}\nurl https://foo.example\n`, 'line 3: unknown keyword "url"'],
  ])('is refused with the line: %j', (text, message) => {
    expect(wrongIn(text)).toContain(message);
  });
});
