import { createTestLog } from '@assent/test-support';
import { describe, expect, it } from 'vitest';
import { renderHome, renderHomeWithoutLog } from './home.ts';

const TEMPLATE = '<main><!-- server: head --><!-- server: entries --></main>';

describe('renderHome', () => {
  it('escapes every word of the log, and spells out what cannot be seen', async () => {
    const { vkey } = createTestLog();
    const log = {
      origin: 'log.test/<script>"&\u202e',
      vkey,
      head: async () => ({ seq: 0, size: 0, root: new Uint8Array(32), timestamp: 0, checkpoint: '' }),
      readableEntries: async () => [],
    };
    const html = await renderHome(TEMPLATE, log);
    expect(html).toContain('log.test/&lt;script&gt;&quot;&amp;<span class="hidden-character">U+202E</span>');
    expect(html).not.toContain('<script>');
    expect(html).toContain('Nothing has been logged yet.');
  });

  it('takes no pattern of String.replace from what is put in', async () => {
    const html = await renderHomeWithoutLog(TEMPLATE, "stopped: $& $` $' <b>");
    expect(html).toContain('stopped: $&amp; $` $&#39; &lt;b&gt;');
  });
});
