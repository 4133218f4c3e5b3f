/**
 * A load generator for machines without wrk, and for loads at a steady rate, which wrk does not have. It speaks just enough
 * HTTP/1.1 to load a server on the same machine: a general client costs as much processor time as the server that it is to measure.
 */
import { connect, type Socket } from 'node:net';
import type { SendOrder, Unwatched } from './load-result.ts';
import { quantile } from './statistics.ts';

/** The next request, and when it is due, as `performance.now()` tells: waiting before it was sent counts too. */
type Next = () => Promise<{ readonly bytes: Buffer; readonly due: number } | undefined>;

/**
 * Sends each request once, and measures until the last answer. Rejects if one never came.
 *
 * All connections are there before the clock starts, as a service keeps its own: at a steady rate, a server that accepts
 * hundreds of them at once would make the slowest hundredth of the answers, whatever an append takes.
 */
export async function sendWithOwnClient({ port, connections, requests, rate }: SendOrder): Promise<Unwatched> {
  const latencies: number[] = [];
  let refused = 0;
  let sent = 0;
  const note = (ms: number, status: number): void => {
    latencies.push(ms);
    if (status < 200 || status > 299) refused++;
  };
  const pipes = await Promise.all(Array.from({ length: connections }, () => openPipe(port)));
  const cpu = process.cpuUsage();
  const start = performance.now();
  const next: Next = async () => {
    const i = sent++;
    const bytes = requests[i];
    if (bytes === undefined) return undefined;
    if (rate === undefined) return { bytes, due: performance.now() };
    const wait = start + (i * 1000) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    // A timer that fires late is this client's fault, not the server's.
    return { bytes, due: performance.now() - Math.max(0, -wait) };
  };
  await Promise.all(pipes.map((pipe) => runConnection(pipe, next, note)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  return {
    seconds,
    perSecond: latencies.length / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    max: latencies.at(-1)!,
    refused,
    ownCost: (user + system) / latencies.length,
  };
}

/** A connection, and what is told of the bytes that come in: they are only there until it returns. */
type Pipe = { readonly socket: Socket; take: (bytes: Buffer) => void };

function openPipe(port: number): Promise<Pipe> {
  return new Promise<Pipe>((resolve, reject) => {
    // Into one buffer, without Node's streams.
    const callback = (bytes: number, { buffer, byteOffset }: Uint8Array): boolean => {
      pipe.take(Buffer.from(buffer, byteOffset, bytes));
      return true;
    };
    const onread = { buffer: Buffer.allocUnsafe(64 * 1024), callback };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread }, () => resolve(pipe));
    const pipe: Pipe = { socket, take: () => undefined };
    socket.on('error', reject);
  });
}

/**
 * Sends requests on one keep-alive connection until there are none left. Answers must have a Content-Length; each is looked
 * at for its status and its length alone.
 */
function runConnection(pipe: Pipe, next: Next, note: (ms: number, status: number) => void): Promise<void> {
  const { socket } = pipe;
  return new Promise<void>((resolve, reject) => {
    let due = 0;
    let status = 0;
    /** Of the answer that is coming in: how many bytes are missing; undefined before its head was read. */
    let missing: number | undefined;
    let done = false;
    const send = async (): Promise<void> => {
      const request = await next();
      if (request === undefined) {
        done = true;
        socket.destroy();
        resolve();
        return;
      }
      missing = undefined;
      due = request.due;
      socket.write(request.bytes);
    };
    pipe.take = (bytes) => {
      if (missing === undefined) {
        const end = bytes.indexOf('\r\n\r\n');
        const head = bytes.toString('latin1', 0, end);
        const length = /content-length: (\d+)/i.exec(head)?.[1];
        if (end < 0 || length === undefined) {
          reject(new Error(`an answer that can't be read: ${head}`));
          return;
        }
        status = Number(head.slice(9, 12));
        missing = end + 4 + Number(length);
      }
      missing -= bytes.length;
      if (missing > 0) return;
      note(performance.now() - due, status);
      send().catch(reject);
    };
    socket.on('error', reject);
    socket.on('close', () => {
      if (!done) reject(new Error('the server closed the connection'));
    });
    send().catch(reject);
  });
}
