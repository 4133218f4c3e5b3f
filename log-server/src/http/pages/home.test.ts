import { createTestLog } from '@assent/test-support';
import { formatTime } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import type { LogIdentity } from '../../log-identity.ts';
import { renderHome, renderHomeWithoutLog } from './home.ts';

const TEMPLATE = '<main><!-- server: head --><!-- server: entries --></main>';

function emptyLog(closed?: LogIdentity['closed']): Parameters<typeof renderHome>[1] {
  const { vkey } = createTestLog();
  return {
    origin: 'log.test/<script>"&\u202e',
    vkey,
    head: async () => ({ seq: 0, size: 0, root: new Uint8Array(32), timestamp: 0, checkpoint: '' }),
    identityAt: () => ({ vkeys: [vkey], logId: '', successor: undefined, retired: [], closed }),
    readableEntries: async () => [],
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
    expect(html).toContain('Final head');
    expect(html).toContain(`This log was closed on <time datetime="${formatTime(at)}">2026-04-03 17:00:00 UTC</time>`);
    expect(html).toContain('It goes on as <bdi class="said">log.test/next</bdi>');
    expect(html).toContain('&lt;b&gt;moved&lt;/b&gt;');
    expect(html).not.toContain('/demo');
    const alone = await renderHome(TEMPLATE, emptyLog({ at, successor: undefined, reason: undefined }));
    expect(alone).toContain('This log was closed on');
    expect(alone).not.toMatch(/goes on as|The reason/);
  });

  it('takes no pattern of String.replace from what is put in', async () => {
    const html = await renderHomeWithoutLog(TEMPLATE, "stopped: $& $` $' <b>");
    expect(html).toContain('stopped: $&amp; $` $&#39; &lt;b&gt;');
  });
});
