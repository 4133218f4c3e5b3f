import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import {
  createRandom,
  createServerHome,
  Ledger,
  type ServerHome,
  type ServerProcess,
  startLoad,
} from '@assent/test-support/fault/index';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { createWitnessHome, type WitnessHome, type WitnessProcess } from '@assent/test-support/witness-program';
import { formatVkey, verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const GO = fileURLToPath(new URL('./go/', import.meta.url));
const RECORDS = 700;
const run = promisify(execFile);

/** The built log, read by Go code that nobody here wrote: see the header of interop/go/main.go. */
describe('code that nobody here wrote', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-interop-'));
  let database: TestDatabase;
  let home: ServerHome;
  let server: ServerProcess;
  let vkey: string;

  const append = async (records: number): Promise<void> => {
    const load = startLoad({
      servers: () => [server.url],
      apiKey: home.apiKey,
      origin: home.origin,
      ledger: new Ledger(),
      random: createRandom('interop', `${records}`),
      records,
    });
    await load.finish();
  };

  beforeAll(async () => {
    await run('go', ['build', '-o', folder, '.', 'filippo.io/torchwood/cmd/litewitness'], { cwd: GO }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') throw new Error('these tests need Go (https://go.dev), and it is not on the PATH');
        throw error;
      },
    );
    database = await createTestDatabase();
    home = createServerHome({ databaseUrl: database.url, origin: 'log.test/interop' });
    server = await home.start();
    vkey = await home.vkey(server);
    await append(RECORDS);
  }, 600_000);
  afterAll(async () => {
    await home?.remove();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const audit = async (name: string, key = vkey): Promise<Record<string, number>> =>
    JSON.parse((await run(path.join(folder, 'interop'), [name, server.url, key])).stdout) as Record<string, number>;
  const failureOf = (audited: Promise<unknown>): Promise<string> =>
    audited.then(
      () => 'it passed',
      (error: Error & { stderr?: string }) => error.stderr ?? error.message,
    );
  /** The same log's name with another key. */
  const otherKey = (): string => {
    const { publicKey } = generateKeyPairSync('ed25519');
    return formatVkey(home.origin, new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })).slice(-32));
  };

  it.each([
    ['golang.org/x/mod sumdb/note and sumdb/tlog', 'sumdb', 'records', RECORDS],
    ["transparency-dev/tessera's client and fsck", 'tessera', 'proofs', 30],
    ['transparency-dev/merkle', 'merkle', 'inclusions', 30],
    ['certificate-transparency-go', 'ct', 'entries', RECORDS],
  ])('%s audits the log', async (_, name, what, least) => {
    const seen = await audit(name);
    expect(seen.size).toBeGreaterThanOrEqual(RECORDS);
    expect(seen[what]).toBeGreaterThanOrEqual(least);
    expect(await failureOf(audit(name, otherKey()))).not.toBe('it passed');
  });

  it('each of them reads on when the log has grown', async () => {
    await append(50);
    for (const name of ['sumdb', 'tessera', 'merkle', 'ct']) {
      expect((await audit(name)).size, name).toBeGreaterThanOrEqual(RECORDS + 50);
    }
  });

  describe("FiloSottile's litewitness", () => {
    let witness: ChildProcess;
    let witnessVkey = '';

    beforeAll(async () => {
      const port = await freePort();
      witness = spawn(path.join(folder, 'interop'), [
        'witness',
        folder,
        `127.0.0.1:${port}`,
        'witness.test/lite',
        vkey,
      ]);
      let errors = '';
      witness.stdout?.on('data', (chunk: Buffer) => {
        witnessVkey += chunk.toString();
      });
      witness.stderr?.on('data', (chunk: Buffer) => {
        errors += chunk.toString();
      });
      await waitUntil('litewitness runs', () => witnessVkey.endsWith('\n'), 30_000).catch((error: Error) => {
        throw new Error(`${error.message}: ${errors}`);
      });
      witnessVkey = witnessVkey.trim();
      const policy = `witness lite ${witnessVkey} http://127.0.0.1:${port}\nquorum lite\n`;
      writeFileSync(path.join(folder, 'policy'), policy);
      await server.stop();
      server = await home.start({ ASSENT_WITNESS_POLICY: path.join(folder, 'policy') });
    }, 60_000);
    // It ends litewitness with itself when its input ends; killed, it would leave it behind.
    afterAll(async () => {
      if (witness === undefined || witness.exitCode !== null) return;
      const exited = once(witness, 'exit');
      witness.stdin?.end();
      await exited;
    });

    it('cosigns our heads, and our verifier verifies its cosignature', async () => {
      const logPolicy = `log ${vkey}\nwitness lite ${witnessVkey}\nquorum lite\n`;
      const began = Date.now();
      for (const index of [0, RECORDS]) {
        let report = await verifyReceipt('');
        await waitUntil(
          'the receipt is witnessed',
          async () => {
            const receipt = await (await fetch(`${server.url}/api/v1/receipts/${index}`)).text();
            report = await verifyReceipt(receipt, { logPolicy });
            return report.checks.some(({ id, status }) => id === 'witnesses' && status === 'pass');
          },
          30_000,
        );
        expect(report.verdict).toBe('authentic');
        expect(report.log?.witnesses).toMatchObject([{ name: 'lite' }]);
        const seenBy = Date.parse(report.log?.seen_by ?? '');
        expect(seenBy).toBeGreaterThan(began - 60_000);
        expect(seenBy).toBeLessThan(Date.now() + 5_000);
      }
    });

    it('goes on from where it is when heads come fast', async () => {
      await append(200);
      const { size } = (await (await fetch(`${server.url}/api/v1/log`)).json()) as { size: number };
      const logPolicy = `log ${vkey}\nwitness lite ${witnessVkey}\nquorum lite\n`;
      await waitUntil(
        'the newest entry is witnessed',
        async () => {
          const receipt = await (await fetch(`${server.url}/api/v1/receipts/${size - 1}`)).text();
          const { verdict, checks } = await verifyReceipt(receipt, { logPolicy });
          expect(['authentic', 'refused', 'incomplete']).toContain(verdict);
          return checks.some(({ id, status }) => id === 'witnesses' && status === 'pass');
        },
        30_000,
      );
    });
  });
});

/**
 * The other way round: logs made by Go code that nobody here wrote, cosigned by the built `assent witness`. That code verifies
 * the cosignatures: see interop/go/cosigned.go.
 */
describe('assent witness beside logs that nobody here wrote', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-interop-'));
  let home: WitnessHome;
  let witness: WitnessProcess;

  beforeAll(async () => {
    await run('go', ['build', '-o', folder, '.'], { cwd: GO });
    home = createWitnessHome('witness.test/assent');
    witness = await home.start();
  }, 600_000);
  afterAll(async () => {
    await home?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const cosign = async (kind: string, origin: string | undefined): Promise<Record<string, number>> => {
    const dir = path.join(folder, `${kind}-log`);
    const child = spawn(path.join(folder, 'interop'), ['cosigned', kind, witness.url, home.vkey, dir]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const ended = once(child, 'close');
    const line = async (): Promise<string> => {
      const { value } = await lines.next();
      if (typeof value === 'string') return value;
      throw new Error(`the log ended: ${errors}`);
    };
    const vkey = await line();
    home.listLogs([{ vkey, ...(origin !== undefined && { origin }) }]);
    const readings = witness.said().split('cosigns for 1 log').length;
    home.reload();
    await waitUntil('the witness knows the log', () => witness.said().split('cosigns for 1 log').length > readings);
    child.stdin.write('go on\n');
    const seen = JSON.parse(await line()) as Record<string, number>;
    expect(await ended, errors).toEqual([0, null]);
    return seen;
  };

  it("cosigns trees of golang.org/x/mod's sumdb, and torchwood verifies it", async () => {
    const seen = await cosign('sumdb', 'go.sum database tree');
    expect(seen).toEqual({ cosigned: 11, size: 1500 });
  });

  it('cosigns for a Tessera log, which publishes nothing without it', async () => {
    const seen = await cosign('tessera', undefined);
    expect(seen.cosigned).toBeGreaterThanOrEqual(3);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
