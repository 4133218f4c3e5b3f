import { DatabaseRefused } from '../database/connection-check.ts';
import { EmbeddedPostgresFailure } from '../database/embedded-postgres.ts';
import { LogKeyRefused } from '../log-key.ts';
import { MaintenanceFailure } from '../maintenance/maintenance-failure.ts';
import { AdoptionRefused } from '../publisher/open-guard.ts';
import { WrongLog } from '../store/wrong-log.ts';
import { TreeDamaged } from '../tree/load-tree.ts';
import { CommandFailed } from './keys.ts';

const EXPECTED = [
  AdoptionRefused,
  CommandFailed,
  DatabaseRefused,
  EmbeddedPostgresFailure,
  LogKeyRefused,
  MaintenanceFailure,
  TreeDamaged,
  WrongLog,
];

/** One sentence for what an operator can act on; a stack only for a defect of ours. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return 'something other than an Error was thrown';
  if ('code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES') && 'port' in error) {
    return `Port ${error.port} cannot be listened on (${error.code}): choose another with --port (ASSENT_PORT) or --metrics-port (ASSENT_METRICS_PORT).`;
  }
  if ('code' in error && 'path' in error && (error.code === 'EACCES' || error.code === 'EPERM')) {
    return `This user may not use ${error.path} (${error.code}): run assent-log as the user whose data directory it is, or choose another with --data-dir (ASSENT_DATA_DIR).`;
  }
  if (EXPECTED.some((kind) => error instanceof kind) || 'code' in error) return error.message || String(error);
  return error.stack ?? error.message;
}
