import { startWitnessServer, type WitnessServer } from '@assent/test-support/witness-server';
import { formatVkey, parseLogPolicy, verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approve, createTestApp, type TestApp } from './support/test-app.ts';
import { createSigner, ORIGIN } from './support/test-log.ts';
import { eventually, readCheckpoint } from './support/witnessed-log.ts';

describe('the HTTP interface of a log with witnesses', () => {
  let app: TestApp;
  let inside: WitnessServer;
  let outside: WitnessServer;
  const signer = createSigner();
  const vkey = formatVkey(ORIGIN, signer.publicKey);

  beforeAll(async () => {
    inside = await startWitnessServer({ name: 'inside', logVkeys: [vkey] });
    outside = await startWitnessServer({ name: 'outside', logVkeys: [vkey] });
    const policy = { name: 'policy', text: `${inside.policyLine}quorum inside\n` };
    const others = { name: 'others', text: outside.policyLine };
    app = await createTestApp({ signer, witnesses: { policy, others, intervalMs: 0 } });
  });
  afterAll(async () => {
    await app.remove();
    await inside.close();
    await outside.close();
  });

  const info = async () => (await (await app.app.request('/api/v1/log')).json()).witnesses;
  const submission = () => ({ kind: 'approval', content: approve().envelope });

  it('waits for witnesses where it is asked to, and gives a receipt that a policy accepts', async () => {
    const response = await app.post(submission(), {}, '?wait=witnessed');
    expect(response.status).toBe(201);
    const { policy } = await info();
    const report = await verifyReceipt(await response.text(), { logPolicy: policy });
    expect(report.checks.find(({ id }) => id === 'witnesses')).toMatchObject({ status: 'pass' });
    expect(report.log?.witnesses.map(({ name }) => name)).toEqual(['inside']);
  });

  it('describes its witnesses, and the policy that a client needs', async () => {
    await app.post(submission(), {}, '?wait=witnessed');
    const { size } = await app.log.head();
    const witnesses = await eventually('both cosigned', async () => {
      const found = await info();
      return found.members.every((m: { cosigned_size?: number }) => m.cosigned_size === size) ? found : undefined;
    });
    expect(witnesses).toMatchObject({
      quorum: 'inside',
      members: [
        { name: 'inside', vkey: inside.witness.vkey, in_quorum: true },
        { name: 'outside', vkey: outside.witness.vkey, in_quorum: false },
      ],
      witnessed: { size },
    });
    expect(Date.parse(witnesses.members[0].cosigned_at)).toBeGreaterThan(Date.now() - 60_000);
    const policy = parseLogPolicy(witnesses.policy);
    expect(policy).toMatchObject({ ok: true, value: { quorum: 'inside', logs: [{ key: { name: ORIGIN } }] } });
    expect(readCheckpoint(witnesses.witnessed.checkpoint).signers).toContain('witness.test/inside');
  });

  it('serves the newest checkpoint with the cosignatures that it has so far', async () => {
    const letGo = [inside.hold(), outside.hold()];
    await app.post(submission());
    const served = async () => readCheckpoint(await (await app.app.request('/checkpoint')).text());
    const { size, signers } = await served();
    expect(signers).toEqual([ORIGIN]);
    expect((await info()).witnessed.size).toBeLessThan(size);
    for (const release of letGo) release();
    const later = await eventually('they cosigned', async () => {
      const checkpoint = await served();
      return checkpoint.signers.length === 3 ? checkpoint : undefined;
    });
    expect([...later.signers].sort()).toEqual([ORIGIN, 'witness.test/inside', 'witness.test/outside']);
  });

  it('proves against an older size with the cosignatures that this one got', async () => {
    const { size } = (await info()).witnessed;
    await app.post(submission(), {}, '?wait=witnessed');
    const response = await app.app.request(`/api/v1/receipts/0?size=${size}`);
    const proof = String((await response.json()).proof);
    const { signers, size: proved } = readCheckpoint(proof.slice(proof.indexOf('\n\n') + 2));
    expect(proved).toBe(size);
    expect(signers).toContain('witness.test/inside');
  });

  it('counts what witnesses do', async () => {
    const metrics = await app.metrics.text();
    expect(metrics).toMatch(/assent_witness_seconds_count\{witness="inside"\} [1-9]/);
    expect(metrics).toContain('assent_witness_failures_total{witness="outside",reason="invalid"} 0');
  });
});
