import { createTestLog } from '@assent/test-support';
import { formatTime } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import type { LogIdentity } from '../../log-identity.ts';
import { Problem } from '../../problems.ts';
import { renderHome, renderHomeWithoutLog, type ShownLog } from './home.ts';

const TEMPLATE = '<main><!-- server: start --><!-- server: head --><!-- server: entries --></main>';

function emptyLog(
  closed?: LogIdentity['closed'],
  witnessing?: ShownLog['witnessing'],
  { size = 0, keys = 1 } = {},
): ShownLog {
  const vkeys = Array.from({ length: keys }, () => createTestLog().vkey);
  return {
    origin: 'log.test/<script>"&\u202e',
    head: async () => ({ seq: 0, size, root: new Uint8Array(32), timestamp: 0, checkpoint: '' }),
    identityAt: () => ({ vkeys, logId: '', successor: undefined, retired: [], closed }),
    growth: async () => ({ began: 0, until: 0, sizes: [0], lastDay: 0, lastWeek: 0 }),
    witnessing: witnessing ?? { status: () => [], hasQuorum: false, kept: { newest: undefined } },
    tree: { readableEntries: async () => [], withheldAmong: async () => [] },
  };
}

describe('renderHome', () => {
  it('escapes every word of the log, and spells out what cannot be seen', async () => {
    const html = await renderHome(TEMPLATE, emptyLog());
    expect(html).toContain('log.test/&lt;script&gt;&quot;&amp;<span class="hidden-character">U+202E</span>');
    expect(html).not.toContain('<script>');
    expect(html).toContain('Nothing has been logged yet.');
    expect(html).not.toContain('closed');
  });

  it('says when the log is closed, where it goes on and why, and invites nobody', async () => {
    const at = Date.UTC(2026, 3, 3, 17);
    const html = await renderHome(TEMPLATE, emptyLog({ at, successor: 'log.test/next', reason: '<b>moved</b>' }));
    expect(html).toContain('button main" href="/verify"');
    expect(html).not.toContain('href="/demo"');
    expect(html).toContain('The log at its end');
    expect(html).toContain(
      `This log was closed on <time datetime="${formatTime(at)}">3 April 2026 at 17:00:00 UTC</time>`,
    );
    expect(html).toContain('It goes on as <strong><bdi class="said">log.test/next</bdi></strong>.');
    expect(html).toContain('&lt;b&gt;moved&lt;/b&gt;');
    expect(html).not.toContain('/demo');
    const alone = await renderHome(TEMPLATE, emptyLog({ at, successor: undefined, reason: undefined }));
    expect(alone).toContain('This log was closed on');
    expect(alone).not.toMatch(/goes on as|The reason/);
  });

  it('says who confirmed what, and claims no more', async () => {
    expect(await renderHome(TEMPLATE, emptyLog())).toContain('No witnesses.');
    const status: ShownLog['witnessing']['status'] = () => [
      { name: 'north', vkey: '', inQuorum: true, cosigned: { size: 1_200, time: Date.UTC(2026, 3, 3, 17) } },
      { name: '<south>', vkey: '', inQuorum: true },
    ];
    const waiting = await renderHome(
      TEMPLATE,
      emptyLog(undefined, { status, hasQuorum: true, kept: { newest: undefined } }),
    );
    expect(waiting).toContain('Not enough witnesses have confirmed yet.');
    expect(waiting).toContain('confirmed 1,200 entries on <time');
    expect(waiting).toContain('&lt;south&gt;');
    expect(waiting).toContain('has not confirmed anything yet');
    // Where all have confirmed the same, one line says so.
    const same: ShownLog['witnessing']['status'] = () =>
      ['north', '<south>'].map((name, place) => ({
        name,
        vkey: '',
        inQuorum: true,
        cosigned: { size: 1_200, time: Date.UTC(2026, 3, 3, 17, place) },
      }));
    const alike = await renderHome(
      TEMPLATE,
      emptyLog(undefined, { status: same, hasQuorum: true, kept: { newest: undefined } }),
    );
    expect(alike).toContain(
      '<span class="head-claim">All witnesses have confirmed the same: </span><bdi class="said">north</bdi> and <bdi class="said">&lt;south&gt;</bdi><span class="soft">, the last of them on ',
    );
    expect(alike).toContain('3 April 2026 at 17:01:00 UTC');
    expect(alike).not.toContain('<li>');
    const newest = { size: 1_200, checkpoint: '' };
    const reached = await renderHome(TEMPLATE, emptyLog(undefined, { status, hasQuorum: true, kept: { newest } }));
    expect(reached).toContain('Enough witnesses have confirmed 1,200 entries.');
  });

  it('says what signed: one signature, or two', async () => {
    const one = await renderHome(TEMPLATE, emptyLog(undefined, undefined, { size: 2 }));
    expect(one).toContain(', all under one signature');
    const two = await renderHome(TEMPLATE, emptyLog(undefined, undefined, { size: 2, keys: 2 }));
    expect(two).not.toContain('all under one signature');
    expect(two).toMatch(/data-copy="the first key".*data-copy="the second key"/s);
    const single = await renderHome(TEMPLATE, emptyLog(undefined, undefined, { size: 1 }));
    expect(single).not.toContain('all under one signature');
  });

  it('takes no pattern of String.replace from what is put in', async () => {
    const html = await renderHomeWithoutLog(
      TEMPLATE,
      new Problem('read_only', "stopped: $& $` $' <b> <!-- server: entries -->"),
    );
    expect(html).toContain('button main" href="/verify"');
    expect(html).not.toContain('href="/demo"');
    expect(html).toContain('The log has stopped');
    expect(html).toContain('stopped: $&amp; $` $&#39; &lt;b&gt; &lt;!-- server');
  });
});
