import { smallSettings, startEmbeddedPostgres } from '../../src/database/embedded-postgres.ts';

/**
 * A process of its own that starts the embedded database of argv[2], prints what came of it as a line of JSON, and stays
 * until its stdin ends (or until it is killed).
 */
const dataDir = process.argv[2] ?? '';
const postgres = await startEmbeddedPostgres({ dataDir, settings: smallSettings() });
process.stdout.write(`${JSON.stringify({ pid: postgres.pid(), adopted: postgres.adopted })}\n`);
for await (const _ of process.stdin);
await postgres.stop();
