import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Database, openDatabase } from '@assent/log-server';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import { formatVkey } from '@assent/verifier';
import { pino } from 'pino';
import { rawPublicKey } from '../../src/log-key/ed25519-seed.ts';
import type { Signer } from '../../src/log-key.ts';
import { type LogOptions, type OpenLog, openParts } from '../../src/open-parts.ts';

export const ORIGIN = 'log.test/approvals';
export const silent = pino({ level: 'silent' });

export function createSigner(privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey): Signer {
  return {
    publicKey: rawPublicKey(privateKey),
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

export type TestLogOptions = Partial<Omit<LogOptions, 'database' | 'origin'>> & {
  /** Another way to the same database; for logs that are opened here alone. */
  readonly databaseUrl?: string;
};

export type TestLogHome = {
  readonly testDatabase: TestDatabase;
  readonly dataDir: string;
  readonly signer: Signer;
  readonly vkey: string;
  /** Opens the log as one server process does, on connections of its own. */
  open(options?: TestLogOptions): Promise<OpenLog & { database: Database }>;
  /** Closes every log that was opened here and removes everything. */
  remove(): Promise<void>;
};

/** A database, a data directory and a key: what servers of one log share. @param made a migrated database, for others than tests */
export async function createLogHome(made?: TestDatabase): Promise<TestLogHome> {
  const testDatabase = made ?? (await createTestDatabase());
  const dataDir = mkdtempSync(path.join(tmpdir(), 'assent-log-'));
  const signer = createSigner();
  const opened: (() => Promise<void>)[] = [];
  return {
    testDatabase,
    dataDir,
    signer,
    vkey: formatVkey(ORIGIN, signer.publicKey),
    async open({ databaseUrl = testDatabase.url, ...options } = {}) {
      const database = await openDatabase({ connectionString: databaseUrl });
      const parts = await openParts({ database, signer, origin: ORIGIN, dataDir, logger: silent, ...options }).catch(
        async (error: unknown) => {
          await database.close();
          throw error;
        },
      );
      let closed = false;
      const close = async (): Promise<void> => {
        if (closed) return;
        closed = true;
        await parts.close();
        await database.close();
      };
      opened.push(close);
      return { ...parts, database, close };
    },
    async remove() {
      for (const close of opened) await close();
      await testDatabase.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
