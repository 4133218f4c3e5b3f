import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../problems.ts';
import { PROBLEM_PAGES } from '../../words/problem.ts';
import { renderProblem } from './problem-page.ts';

const TEMPLATE =
  '<title><!-- server: title --></title><!-- server: heading --><!-- server: buttons --><!-- server: instance -->';
const problem = { status: 404, detail: 'There is <nothing> at /x\u202e.', instance: 'urn:assent:request:7d0e' };

describe('renderProblem', () => {
  it('says what happened, in the log’s words where those are for whoever asked', async () => {
    const html = await renderProblem(TEMPLATE, { code: 'not_found', ...problem });
    expect(html).toContain('<title>Not found</title>');
    expect(html).toContain('There is &lt;nothing&gt; at /x<span class="hidden-character">U+202E</span>.');
    expect(html).not.toContain('7d0e');
  });

  it('keeps what is for the operator to those who ask', async () => {
    const html = await renderProblem(TEMPLATE, { code: 'read_only', ...problem, status: 503 });
    expect(html).toMatch(/The log has stopped.*Receipts that you have can be checked.*<details.*There is &lt;nothing/s);
    expect(html).toContain('>7d0e<');
  });

  it('shows the way to where there is more than the same', async () => {
    const there = await renderProblem(TEMPLATE, { code: 'not_found', ...problem });
    expect(there).toMatch(/button main" href="\/">To the log.*href="\/entries".*href="\/verify"/);
    const stopped = await renderProblem(TEMPLATE, { code: 'read_only', ...problem, status: 503 });
    expect(stopped).toMatch(/button main" href="\/verify".*href="">Try again/);
    expect(stopped).not.toContain('href="/entries"');
  });

  it('has words for what nobody foresaw', async () => {
    expect(await renderProblem(TEMPLATE, { code: 'internal', ...problem, status: 500 })).toContain(
      'Something went wrong',
    );
  });

  it('has no words for a problem that there is not', () => {
    for (const code of Object.keys(PROBLEM_PAGES)) expect(Object.keys(PROBLEMS)).toContain(code);
  });
});
