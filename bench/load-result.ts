import { quantile } from './statistics.ts';

export type LoadResult = {
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly refused: number;
  /** Processor time of the load generator itself, µs a request. */
  readonly ownCost: number;
};

/** Times a load from here on; the function that it returns sums it up. */
export function startLoad(): (latencies: number[], refused: number) => LoadResult {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return (latencies, refused) => {
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
  };
}
