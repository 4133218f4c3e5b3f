import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createMetricsServer } from './metrics-server.ts';
import { OUTCOMES, type WitnessFacts, WitnessMetrics } from './witness-metrics.ts';

const facts: WitnessFacts = { isReady: true, listed: 3, remembered: 2, newestCosignature: 1_700_000_000 };
const samplesOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(' ') as [string, string]),
  );

describe('the metrics of a witness', () => {
  it('are in the text format: each family once, with its kind, and numbers', () => {
    const text = new WitnessMetrics().text(facts);
    expect(text.endsWith('\n')).toBe(true);
    const families = [...text.matchAll(/^# HELP (\S+) .+\n# TYPE \1 (counter|gauge|histogram)$/gm)].map(
      ([, name]) => name!,
    );
    expect(new Set(families).size).toBe(families.length);
    expect(text.match(/^#/gm)).toHaveLength(2 * families.length);
    for (const [sample, value] of samplesOf(text)) {
      const [, name] = /^([a-z_]+?)(?:_bucket|_sum|_count)?(?:\{[a-z]+="[^"\\\n]+"\})?$/.exec(sample) ?? [];
      expect(families, sample).toContain(name);
      expect(Number(value), sample).not.toBeNaN();
    }
  });

  it('count how calls ended and how long they took', () => {
    const metrics = new WitnessMetrics();
    metrics.answered('cosigned', 0.004);
    metrics.answered('cosigned', 0.005);
    metrics.answered('inconsistent', 0.2);
    metrics.answered('bug', 60);
    metrics.forked();
    const samples = samplesOf(metrics.text({ ...facts, isReady: false }));
    const value = (name: string) => Number(samples.get(name));
    expect(value('assent_witness_answers_total{outcome="cosigned"}')).toBe(2);
    expect(value('assent_witness_answers_total{outcome="conflict"}')).toBe(0);
    const buckets = ['0.0025', '0.005', '0.1', '0.25', '10', '+Inf'].map((le) =>
      value(`assent_witness_answer_seconds_bucket{le="${le}"}`),
    );
    expect(buckets).toEqual([0, 2, 2, 3, 3, 4]);
    expect(value('assent_witness_answer_seconds_count')).toBe(4);
    expect(value('assent_witness_answer_seconds_sum')).toBeCloseTo(60.209);
    expect(value('assent_witness_forks_total')).toBe(1);
    expect(['ready', 'listed_logs', 'remembered_logs'].map((name) => value(`assent_witness_${name}`))).toEqual([
      0, 3, 2,
    ]);
    expect(value('assent_witness_newest_cosignature_timestamp_seconds')).toBe(1_700_000_000);
  });

  it('are as many whatever is asked of the witness', () => {
    const metrics = new WitnessMetrics();
    const before = samplesOf(metrics.text(facts)).size;
    for (const outcome of OUTCOMES) for (let i = 0; i < 100; i++) metrics.answered(outcome, i);
    expect(samplesOf(metrics.text(facts)).size).toBe(before);
  });
});

describe('the server of metrics', () => {
  it('answers GET /metrics, and reads no body', async () => {
    const server = createMetricsServer(() => 'a 1\n');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    try {
      const response = await fetch(`${url}/metrics`);
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/plain; version=0.0.4; charset=utf-8',
      ]);
      expect(await response.text()).toBe('a 1\n');
      expect((await fetch(`${url}/add-checkpoint`)).status).toBe(404);
      expect((await fetch(`${url}/metrics`, { method: 'DELETE' })).status).toBe(405);
      // A body that never comes: it is answered all the same, and the connection ends.
      const socket = connect(port, '127.0.0.1');
      socket.write('POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n');
      let answer = '';
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString();
      });
      await once(socket, 'close');
      expect(answer).toMatch(/^HTTP\/1\.1 405 [\s\S]*connection: close/i);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
