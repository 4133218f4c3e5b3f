/**
 * The harness of the fault tests: real server processes, a load that behaves like clients, a ledger of what the log said,
 * and an auditor that recomputes the whole tree from what is served. Needs the build, and knows nothing of vitest.
 */
export { AuditFailure, type Finding, type FindingKind } from './audit-failure.ts';
export { type AuditResult, auditLog } from './audit-log.ts';
export { type HttpAnswer, httpRequest, problemCode, problemDetail } from './http-request.ts';
export { type Acknowledged, Ledger } from './ledger.ts';
export { type Load, type LoadOptions, startLoad } from './load.ts';
export { openCheckpoint, readBundle, readReceipt, tilePath } from './plain-formats.ts';
export { PlainTree } from './plain-tree.ts';
export { childrenOf, commandLine, findPostgres, isGone, killIfThere, killPostgres } from './postgres-process.ts';
export { type PostgresProxy, startPostgresProxy, type Verdict } from './postgres-proxy.ts';
export { createRecordMaker, type TestRecord } from './record-maker.ts';
export { createRandom, type Random, type RunParameters, runParameters } from './run-parameters.ts';
export { copyFolder, createServerHome, type ServerHome } from './server-home.ts';
export { type ServerExit, type ServerProcess, startServerProcess } from './server-process.ts';
export { waitUntil } from './wait-until.ts';
