import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import { addGauge } from './gauge.ts';

/**
 * The process, under the names that dashboards expect. Not prom-client's own set: its event loop monitor is a timer that
 * wakes the process a hundred times a second. What is here costs nothing until somebody reads it.
 */
export function processGauges(registry: Registry): void {
  const started = performance.timeOrigin / 1000;
  new Gauge({
    name: 'assent_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version: VERSION, node: process.versions.node }, 1);
  addGauge(registry, 'process_start_time_seconds', 'When the process started, since the epoch', () => started);
  addGauge(registry, 'process_resident_memory_bytes', 'Memory of the process', () => process.memoryUsage.rss());
  addGauge(registry, 'nodejs_heap_size_used_bytes', 'Used part of the main heap', () => process.memoryUsage().heapUsed);
  addGauge(
    registry,
    'nodejs_eventloop_utilization',
    'Share of time that the main thread was busy since it was last read',
    utilization(),
  );
  new Gauge({
    name: 'process_open_fds',
    help: 'Open files and sockets',
    registers: [registry],
    async collect() {
      const open = await readdir('/proc/self/fd').catch(() => undefined);
      if (open === undefined) this.remove();
      else this.set(open.length);
    },
  });
  let counted = 0;
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process, all its threads',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      const seconds = (user + system) / 1e6;
      this.inc(Math.max(0, seconds - counted));
      counted = seconds;
    },
  });
}

function utilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const share = performance.eventLoopUtilization(now, last).utilization;
    last = now;
    return share;
  };
}

const VERSION = String(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);
