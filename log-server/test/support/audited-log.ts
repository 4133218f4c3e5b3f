import { type AuditResult, auditLog, Ledger } from '@assent/test-support/fault/index';
import { serve } from '@hono/node-server';
import { ApiKeys } from '../../src/api-keys.ts';
import type { Database } from '../../src/database/connect.ts';
import { createApp } from '../../src/http/app.ts';
import type { OpenLog } from '../../src/open-parts.ts';
import { Problem } from '../../src/problems.ts';
import { approve } from './test-app.ts';
import { silent } from './test-log.ts';

export type OpenedLog = OpenLog & { readonly database: Database };

/** What the clients of a log that runs in this process were told, for the auditor of the fault tests. */
export class AuditedLog {
  readonly ledger = new Ledger();
  private readonly vkey: string;

  constructor(vkey: string) {
    this.vkey = vkey;
  }

  /** Appends so many records at once, each again and again while its outcome is unknown, as clients do. */
  async append({ log }: Pick<OpenLog, 'log'>, records: number): Promise<void> {
    await Promise.all(
      Array.from({ length: records }, async () => {
        const { envelope, digest } = approve();
        for (let attempt = 1; ; attempt++) {
          try {
            const { created, receipt } = await log.append({ kind: 'approval', content: envelope }, { services: ['*'] });
            return this.ledger.acknowledge(digest, created, receipt, 'the log');
          } catch (error) {
            if (!(error instanceof Problem) || error.code !== 'not_durable' || attempt === 10) throw error;
            this.ledger.lose(digest);
          }
        }
      }),
    );
  }

  /** Serves the log and has it audited as a stranger would; everything that was acknowledged must be there. */
  async audit(opened: OpenedLog): Promise<AuditResult> {
    const { log, database, metrics } = opened;
    const app = createApp({ log, apiKeys: new ApiKeys(database), health: {}, logger: silent, metrics });
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    await new Promise<void>((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const run = { seed: 'none', rounds: 1 };
      return await auditLog({ url: `http://127.0.0.1:${port}`, vkey: this.vkey, ledger: this.ledger, run });
    } finally {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }
}
