import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { RequestTimes } from './request-times.ts';

const ROUTES = ['/api/v1/entries', '/tile/{level}/{path}', 'other'];
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

describe('the times of requests', () => {
  it("are written as prom-client's own histogram writes them", async () => {
    const times = new RequestTimes();
    const registry = new Registry();
    const theirs = new Histogram({
      name: 'assent_http_request_seconds',
      help: 'Time to the start of an answer, by route and class of status',
      labelNames: ['route', 'status'],
      buckets: BOUNDS,
      registers: [registry],
    });
    expect(times.text()).toBe(await registry.metrics());
    // At each bound, around it and beyond the last.
    for (const seconds of [0, ...BOUNDS.flatMap((bound) => [bound, bound * 1.01, bound / 1.01]), 100]) {
      for (const route of ROUTES) {
        for (const [status, statusClass] of [
          [200, '2xx'],
          [304, '3xx'],
          [404, '4xx'],
          [503, '5xx'],
        ] as const) {
          times.observe(route, status, seconds);
          theirs.observe({ route, status: statusClass }, seconds);
        }
      }
    }
    expect(times.text()).toBe(await registry.metrics());
  });

  it('count a status that is none as the server’s fault', () => {
    const times = new RequestTimes();
    times.observe('other', 0, 1);
    times.observe('other', 999, 1);
    expect(times.text()).toContain('assent_http_request_seconds_count{route="other",status="5xx"} 2\n');
  });
});
