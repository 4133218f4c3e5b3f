import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@assent/log-server';
import { createApproval, createConsumption, createServiceKey } from '@assent/test-support';
import { agentmintToken, signedApprovalDecision } from '@assent/test-support/foreign-evidence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParts } from '../src/open-parts.ts';
import { type Backups, createBackups } from './support/backups.ts';
import { runProgram } from './support/run-program.ts';
import { createLogHome, ORIGIN, silent, type TestLogHome } from './support/test-log.ts';

// The commands are the built program's: `npm test` builds it first.
let home: TestLogHome;
let backups: Backups;
let folder: string;
const rights = { services: ['*'], blind: true };
const approve = () => createApproval({ origin: ORIGIN, serviceKey: createServiceKey() }).envelope;

async function readPrivate(url: string): Promise<unknown> {
  const database = await openDatabase({ connectionString: url, max: 2 });
  const rows = await database.pool.query('select idx, service, id, decision, expires_at, boundaries from sealed');
  const records = await database.pool.query('select idx, statement, identity, api_key from records order by idx');
  await database.close();
  return { sealed: rows.rows, records: records.rows };
}

beforeAll(async () => {
  home = await createLogHome();
  backups = createBackups(home);
  folder = mkdtempSync(path.join(tmpdir(), 'assent-recover-'));
});

afterAll(async () => {
  await backups.drop();
  await home.remove();
  rmSync(folder, { recursive: true });
});

describe('sealed entries', () => {
  it('come back whole from the old database, and from a copy by their commitment alone', async () => {
    const first = await home.open();
    await first.log.append({ kind: 'approval', content: approve() }, rights);
    await first.close();
    const [fromDatabase, fromCopy] = [await backups.backUp(), await backups.backUp()];

    const second = await home.open();
    const salt = randomBytes(32).toString('base64');
    await second.log.append({ kind: 'approval', visibility: 'sealed', content: approve(), salt }, rights);
    await second.log.append({ kind: 'approval', sealed: `sha256:${randomBytes(32).toString('hex')}` }, rights);
    await second.log.append({ kind: 'approval', content: approve() }, rights);
    const [sealedDecision, token] = [signedApprovalDecision(), agentmintToken()];
    const saltOfDecision = randomBytes(32).toString('base64');
    const ofDecision = { visibility: 'sealed', content: sealedDecision, salt: saltOfDecision };
    await second.log.append({ kind: 'approval', ...ofDecision }, rights);
    await second.log.append({ kind: 'approval', content: token }, rights);
    const checkpoint = path.join(folder, 'checkpoint');
    writeFileSync(checkpoint, (await second.log.head()).checkpoint);
    await second.close();

    const run = (url: string, ...args: string[]) =>
      runProgram([...args, '--data-dir', home.dataDir, '--json'], { DATABASE_URL: url });
    const copy = path.join(folder, 'copy');
    expect((await run(home.testDatabase.url, 'export', '--to', copy, '--checkpoint', checkpoint)).code).toBe(0);
    const whole = { ok: true, size: 6, findings: [], unchecked: [] };

    const copied = await run(fromCopy, 'recover', '--from', copy);
    expect({ ...copied, stdout: JSON.parse(copied.stdout) }).toMatchObject({
      code: 0,
      stdout: { from: 1, to: 6, sealed: 3, guard: 'kept' },
    });
    expect(JSON.parse((await run(fromCopy, 'fsck')).stdout)).toMatchObject(whole);
    expect(await readPrivate(fromCopy)).toMatchObject({ sealed: [] });

    const replayed = await run(fromDatabase, 'recover', '--from', home.testDatabase.url);
    expect({ ...replayed, stdout: JSON.parse(replayed.stdout) }).toMatchObject({
      code: 0,
      // The blind one never had anything.
      stdout: { from: 1, to: 6, sealed: 1, guard: 'kept' },
    });
    expect(JSON.parse((await run(fromDatabase, 'fsck')).stdout)).toMatchObject(whole);
    expect(await readPrivate(fromDatabase)).toEqual(await readPrivate(home.testDatabase.url));
  });
});

describe('consumptions', () => {
  const boundary = createServiceKey();
  const consumable = () =>
    createApproval({
      origin: ORIGIN,
      serviceKey: createServiceKey(),
      overrides: { boundaries: [boundary.publicKey.keyid] },
    });
  const all = { services: ['*'], boundaries: ['*'] };

  it('come back as what they are: nobody can consume the approval a second time', async () => {
    const approval = consumable();
    const first = await home.open();
    const { index: before } = await first.log.append({ kind: 'approval', content: approval.envelope }, all);
    await first.close();
    const [fromDatabase, fromCopy] = [await backups.backUp(), await backups.backUp()];

    const second = await home.open();
    const consumption = (): Uint8Array =>
      Buffer.from(JSON.stringify({ content: createConsumption({ approval, key: boundary }).envelope }));
    const sent = consumption();
    const { index } = await second.log.consume(sent, all);
    expect(index).toBe(before + 1);
    const checkpoint = path.join(folder, 'checkpoint');
    writeFileSync(checkpoint, (await second.log.head()).checkpoint);
    await second.close();

    const run = (url: string, ...args: string[]) =>
      runProgram([...args, '--data-dir', home.dataDir, '--json'], { DATABASE_URL: url });
    const copy = path.join(folder, 'copy-with-consumption');
    expect((await run(home.testDatabase.url, 'export', '--to', copy, '--checkpoint', checkpoint)).code).toBe(0);
    for (const [url, source] of [
      [fromCopy, copy],
      [fromDatabase, home.testDatabase.url],
    ] as const) {
      expect(await run(url, 'recover', '--from', source)).toMatchObject({ code: 0 });
      const checked = JSON.parse((await run(url, 'fsck')).stdout);
      expect(checked).toMatchObject({ ok: true, size: index + 1, findings: [] });
      const digests = async (of: string) => ((await readPrivate(of)) as { records: Record<string, unknown>[] }).records;
      const withoutKey = (records: Record<string, unknown>[]) => records.map(({ api_key: _, ...rest }) => rest);
      expect(withoutKey(await digests(url))).toEqual(withoutKey(await digests(home.testDatabase.url)));

      const database = await openDatabase({ connectionString: url });
      const { signer, dataDir } = home;
      const restored = await openParts({ database, signer, origin: ORIGIN, dataDir, logger: silent });
      await expect(restored.log.consume(consumption(), all)).rejects.toMatchObject({ code: 'already_consumed' });
      expect(await restored.log.consume(sent, all)).toMatchObject({ created: false, index });
      await restored.close();
      await database.close();
    }
  });
});
