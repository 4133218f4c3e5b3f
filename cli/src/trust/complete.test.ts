import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServiceKey, createTrustVersion, type TestTrustVersion } from '@assent/test-support';
import type { Json } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { type CompleteVersion, prepareVersions } from './complete.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-versions-'));
let count = 0;
const fresh = (content?: unknown): string => {
  const file = path.join(folder, `${count++}.json`);
  if (content !== undefined) writeFileSync(file, JSON.stringify(content));
  return file;
};
const read = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;
const complete = (...versions: readonly TestTrustVersion[]): CompleteVersion => {
  const last = versions.at(-1)!;
  return {
    number: versions.length,
    digest: last.digest,
    envelope: last.envelope,
    items: versions.map(({ item }) => item),
  };
};

const v1 = createTrustVersion({ rootKeys: [createServiceKey()] });
const v2 = createTrustVersion({ previous: v1 });
const v3 = createTrustVersion({ previous: v2 });
const fork = createTrustVersion({ previous: v1, issuedAt: Date.parse(v1.trustRoot.issued_at) + 5 });

describe('the list of versions', () => {
  it('is made, and grows', async () => {
    const file = fresh();
    await (await prepareVersions(file, complete(v1))).commit();
    expect(read(file)).toEqual([v1.item]);
    await (await prepareVersions(file, complete(v1, v2))).commit();
    expect(read(file)).toEqual([v1.item, v2.item]);
  });

  it('stays as it is when nothing comes of it, or when it has more already', async () => {
    const file = fresh();
    await (await prepareVersions(file, complete(v1))).discard();
    expect(existsSync(file)).toBe(false);
    const longer = fresh([v1.item, v2.item, v3.item]);
    await (await prepareVersions(longer, complete(v1, v2))).commit();
    expect(read(longer)).toEqual([v1.item, v2.item, v3.item]);
  });

  it.each<[string, () => unknown, string]>([
    ['another version of a number', () => [v1.item, fork.item], 'trust_forked'],
    ['another trust root', () => [createTrustVersion({ rootKeys: [createServiceKey()] }).item], 'trust_forked'],
  ])('is not replaced where it has %s', async (_, content, code) => {
    const there = content();
    const file = fresh(there);
    await expect(prepareVersions(file, complete(v1, v2, v3))).rejects.toMatchObject({ extras: { checks: [{ code }] } });
    expect(read(file)).toEqual(there);
  });

  it('is not replaced where it is something else', async () => {
    const file = fresh({ precious: true });
    await expect(prepareVersions(file, complete(v1))).rejects.toMatchObject({ kind: 'file_malformed' });
    expect(read(file)).toEqual({ precious: true });
  });
});
