import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServiceKey, createTestDatabase, type TestApproval } from '@assent/test-support';
import { createServerHome, type ServerHome, type ServerProcess } from '@assent/test-support/fault/index';
import { createTestOrganization, type TestOrganization } from '@assent/test-support/organizations';
import { LogClient } from '../../src/index.ts';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A log, an organization, and a folder with all that a gate of it pins. */
export type GateHome = {
  readonly folder: string;
  readonly acme: TestOrganization;
  readonly home: ServerHome;
  readonly logPolicy: string;
  readonly server: () => ServerProcess;
  readonly client: () => LogClient;
  /** Takes the log away, and brings it back at another address. */
  stopLog(): Promise<void>;
  startLog(): Promise<void>;
  /** Logs an approval and writes receipt and intent into files. */
  approved(name: string, approval: TestApproval): Promise<{ readonly receipt: string; readonly intent: string }>;
  remove(): Promise<void>;
};

export async function createGateHome(boundaryName: string): Promise<GateHome> {
  const database = await createTestDatabase();
  const home = createServerHome({ databaseUrl: database.url });
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-gate-'));
  const acme = createTestOrganization({ rootKey: createServiceKey(), boundaryName });
  let server = await home.start();
  const logPolicy = `log ${await home.vkey(server)}\nquorum none\n`;
  mkdirSync(path.join(folder, 'pins'));
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  write('pins/log-policy', logPolicy);
  write('pins/trust-root.json', JSON.stringify(acme.trustRoot));
  write('pins/approval-policy.json', JSON.stringify(acme.approvalPolicy));
  write('boundary.pem', acme.boundary.pem);
  write('api-key', home.apiKey);
  const client = () => new LogClient({ url: server.url, apiKey: home.apiKey, trust: { logPolicy } });
  return {
    folder,
    acme,
    home,
    logPolicy,
    server: () => server,
    client,
    async stopLog() {
      await server.stop();
    },
    async startLog() {
      server = await home.start();
    },
    async approved(name, { envelope, intent }) {
      const { receipt } = await client().append({ visibility: 'open', content: envelope });
      return {
        receipt: write(`${name}.receipt.json`, receipt),
        intent: write(`${name}.intent.json`, JSON.stringify(intent)),
      };
    },
    async remove() {
      await home.remove();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a built program to its end. */
export function runBuilt(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}
