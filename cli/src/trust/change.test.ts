import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServiceKey, createTrustVersion } from '@assent/test-support';
import { preAuthEncoding, TRUST_ROOT_PAYLOAD_TYPE } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { type Change, changeTrustRoot, isTooOldToLog, readTimes } from './change.ts';
import { withSignature } from './draft.ts';
import { formatDraft } from './draft-document.ts';
import { retire } from './members.ts';
import { readDraft } from './trust-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-change-'));
let count = 0;
const fresh = (): string => path.join(folder, `${count++}.json`);
const MINUTE = 60_000;
const DAY = 86_400_000;

const key = createServiceKey();
const issuedAt = Date.now() - 10 * DAY;
const v1 = createTrustVersion({ rootKeys: [key], issuedAt, expiresAt: issuedAt + 30 * DAY });
const versions = fresh();
writeFileSync(versions, JSON.stringify([v1.item]));
const same: Change = (content) => content;
const ms = (time: string): number => Date.parse(time);

describe('changing a trust root', () => {
  it('drafts the next version, in an hour, for as long as the one before', async () => {
    const output = fresh();
    const { draft } = await changeTrustRoot(versions, { output }, same);
    const { version, previous, issued_at, expires_at } = draft.trustRoot;
    expect([version, previous]).toEqual([2, v1.digest]);
    expect(Math.abs(ms(issued_at) - Date.now() - 60 * MINUTE)).toBeLessThan(MINUTE);
    expect(ms(expires_at) - ms(issued_at)).toBe(30 * DAY);
    expect((await readDraft(output)).digest).toBe(draft.digest);
  });

  it('changes a draft in its place, which keeps its times', async () => {
    const output = fresh();
    const first = await changeTrustRoot(versions, { output, issuedAt: '+2d', expiresAt: '+5d' }, same);
    const second = await changeTrustRoot(output, {}, same);
    expect(second.file).toBe(output);
    for (const name of ['issued_at', 'expires_at', 'version', 'previous'] as const) {
      expect(second.draft.trustRoot[name]).toBe(first.draft.trustRoot[name]);
    }
    const later = await changeTrustRoot(output, { issuedAt: '+3d' }, same);
    expect(ms(later.draft.trustRoot.issued_at) - ms(first.draft.trustRoot.issued_at)).toBeGreaterThan(DAY / 2);
    expect(ms(later.draft.trustRoot.expires_at) - ms(later.draft.trustRoot.issued_at)).toBe(5 * DAY);
  });

  it('writes nothing that no verifier would take, nor for no reason', async () => {
    const output = fresh();
    await expect(changeTrustRoot(versions, {}, same)).rejects.toThrow('-o');
    const before = { output, issuedAt: '2020-01-01T00:00:00Z' };
    await expect(changeTrustRoot(versions, before, same)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('leave --issued-at away, or say a later time'),
    });
    const nobody: Change = (content) => ({ ...content, members: retire(content.members, 'nobody', content.issued_at) });
    await expect(changeTrustRoot(versions, { output }, nobody)).rejects.toThrow('nobody and nothing');
    await expect(
      changeTrustRoot(versions, { output, trustRoot: `sha256:${'0'.repeat(64)}` }, same),
    ).rejects.toMatchObject({
      extras: { checks: [{ code: 'trust_chain_broken' }] },
    });
    expect(() => readFileSync(output)).toThrow('ENOENT');
  });

  it('undoes signatures only when told to', async () => {
    const output = fresh();
    const { draft } = await changeTrustRoot(versions, { output }, same);
    const sig = key.sign(preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, draft.payload));
    const signed = formatDraft(withSignature(draft, { publicKey: key.publicKey, sig }));
    writeFileSync(output, signed);
    await expect(changeTrustRoot(output, {}, same)).rejects.toThrow('--discard-signatures');
    expect(readFileSync(output, 'utf8')).toBe(signed);
    const again = await changeTrustRoot(output, { discardSignatures: true }, same);
    expect([again.draft.signatures, (await readDraft(output)).signatures]).toEqual([[], []]);
  });

  it('knows when a log takes it no more', async () => {
    const { draft } = await changeTrustRoot(versions, { output: fresh(), issuedAt: 'now' }, same);
    const issued = ms(draft.trustRoot.issued_at);
    expect([isTooOldToLog(draft, issued + 5 * MINUTE), isTooOldToLog(draft, issued + 5 * MINUTE + 1)]).toEqual([
      false,
      true,
    ]);
  });
});

describe('times of a version', () => {
  it('are an hour from now and 90 days later, unless they are given', () => {
    const { issued_at, expires_at } = readTimes({});
    expect(ms(expires_at) - ms(issued_at)).toBe(90 * DAY);
    expect(readTimes({ issuedAt: '2026-04-03T17:00:00Z', expiresAt: '+1d' })).toEqual({
      issued_at: '2026-04-03T17:00:00.000Z',
      expires_at: '2026-04-04T17:00:00.000Z',
    });
    expect(() => readTimes({ expiresAt: 'soon' })).toThrow('--expires-at');
  });
});
