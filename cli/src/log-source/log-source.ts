/** A log to be read whole (C2SP tlog-tiles), wherever it is: behind its address, or as static files in a folder. */
import { isHttpUrl, parseBaseUrl } from '../log-url.ts';
import { folderFiles } from './folder-files.ts';
import { httpFiles } from './http-files.ts';
import { TiledLog } from './tiled-log.ts';

/**
 * What it hands out is as true as the log: whoever reads it checks hashes and signatures.
 *
 * Every method throws CommandFailure: of the network's kinds where the log was not heard, and `log_misbehaves` where what it
 * serves contradicts itself.
 */
export interface LogSource {
  /** URL or folder, for messages. */
  readonly name: string;
  /** The signed checkpoint as it is served now. */
  checkpoint(): Promise<string>;
  /**
   * The newest checkpoint that the log says its witnesses' quorum has cosigned: of a busy log the one that is served is hardly ever
   * cosigned yet. Undefined where a log does not say.
   */
  witnessedCheckpoint(): Promise<string | undefined>;
  /** The hashes of a tile: exactly 32 * width bytes. Falls back from a partial tile that is gone to the full one. */
  tile(level: number, index: number, width: number): Promise<Uint8Array>;
  /**
   * The entries of a bundle: exactly `width` of them. A withheld entry is undefined: the others are asked for one by one where the
   * log refuses the bundle for it.
   */
  bundle(index: number, width: number): Promise<readonly (Uint8Array | undefined)[]>;
  close(): Promise<void>;
}

export type LogSourceOptions = {
  /** Of one request. */
  readonly timeoutMs: number;
  /** Requests at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** How often a request is sent before its failure counts. */
  readonly attempts: number;
};

/** @param location an http(s) address or a folder. Throws CommandFailure. Nothing is requested yet. */
export async function openLogSource(location: string, options: LogSourceOptions): Promise<LogSource> {
  if (isHttpUrl(location)) return new TiledLog(httpFiles(parseBaseUrl(location, 'the log'), options));
  return new TiledLog(await folderFiles(location, options));
}
