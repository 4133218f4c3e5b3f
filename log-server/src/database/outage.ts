const CONNECTION_ERRNOS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND']);
/** SQLSTATE: connection exceptions, shutdown and start of the server, too many connections, a statement's time is up. */
const SQLSTATE = /^(08...|57P0[123]|53300|57014)$/;
/** What the driver throws without a code. */
const MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/;

/** Whether an error says that the database is away for now, rather than that something is wrong with the request. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isOutage)) return true;
  const code = 'code' in error ? String(error.code) : '';
  // A unix socket that is not there: the embedded database is being started again.
  if (code === 'ENOENT') return 'syscall' in error && error.syscall === 'connect';
  return CONNECTION_ERRNOS.has(code) || SQLSTATE.test(code) || MESSAGES.test(error.message);
}
