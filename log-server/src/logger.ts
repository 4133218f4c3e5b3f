import pino from 'pino';

export type Logger = pino.Logger;

/** JSON lines, on stdout unless told otherwise. */
export function createLogger(level: string, destination?: pino.DestinationStream): Logger {
  const options = { level, serializers: { err: describeError, error: describeError } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** For commands, whose stdout is their data: the same lines on stderr, each written before the command goes on. */
export function createCommandLogger(level: string): Logger {
  return createLogger(level, pino.destination({ dest: 2, sync: true }));
}

type DescribedError = { type: string; message: string; code?: string; stack?: string; cause?: DescribedError };

/**
 * Only what an error says of itself. pino's own serializer copies every member, and a database error's `detail` quotes
 * the row that failed: payloads and key hashes have no place in a log.
 */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something other than an Error was thrown' };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
