export { type Database, type DatabaseOptions, openDatabase } from './database/connect.ts';
export { DatabaseRefused } from './database/connection-check.ts';
export {
  type EmbeddedPostgres,
  EmbeddedPostgresFailure,
  type EmbeddedPostgresLogger,
  type EmbeddedPostgresOptions,
  smallSettings,
  startEmbeddedPostgres,
} from './database/embedded-postgres.ts';
export { migrate } from './database/migrate.ts';
