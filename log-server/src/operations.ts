import type { Logger } from 'pino';
import type { Config } from './config/load-config.ts';
import type { Database } from './database/connect.ts';
import { readinessChecks } from './health-checks.ts';
import type { Health } from './http/health.ts';
import { startMetricsServer } from './http/metrics-server.ts';
import { PeriodicFacts } from './metrics/periodic-facts.ts';
import type { PoolName } from './metrics/sources.ts';
import type { OpenLog } from './open-parts.ts';

export type Operations = {
  readonly health: Health;
  /** The port of its own that the metrics have, or undefined. */
  readonly metricsPort: number | undefined;
  close(): Promise<void>;
};

/** What lets an operator see how the log fares: its metrics' inputs, their port, and the checks of `/readyz`. */
export async function startOperations(
  config: Pick<Config, 'dataDir' | 'metricsPort' | 'metricsHost'>,
  opened: OpenLog,
  databases: Readonly<Record<PoolName, Database>>,
  logger: Logger,
): Promise<Operations> {
  const { metrics } = opened;
  const facts = new PeriodicFacts({ database: databases.append, dataDir: config.dataDir, logger });
  const { metricsHost: host, metricsPort: port } = config;
  const own = port === undefined ? undefined : await startMetricsServer(metrics, { host, port }, logger);
  await facts.start();
  metrics.watch({
    database: () => facts.database,
    disk: () => facts.disk,
    pools: { append: databases.append.pool, read: databases.read.pool },
  });
  return {
    health: readinessChecks({ opened, databases, dataDir: config.dataDir, logger }),
    metricsPort: own?.port,
    close: async () => {
      await own?.close();
      await facts.close();
    },
  };
}
