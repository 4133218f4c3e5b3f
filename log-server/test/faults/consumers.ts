import { createApproval, createConsumption, createServiceKey } from '@assent/test-support';
import { httpRequest, problemCode, type ServerProcess } from '@assent/test-support/fault/index';
import { readReceipt } from '@assent/test-support/fault/plain-formats';
import { verifyReceipt } from '@assent/verifier';
import { expect } from 'vitest';
import { faultTest } from './fault-test.ts';

/** Attempts of one caller; each waits for its answer, so this is not about time. */
const MOST_ATTEMPTS = 50;

type Answer = { readonly status: number; readonly receipt: string; readonly resent: boolean };

export type ConsumersOptions = {
  readonly callers: number;
  /** Server processes on the one database. */
  readonly processes: number;
  /** SIGKILL the first of them as soon as somebody has an answer; whoever has none then asks another. */
  readonly kill?: boolean;
};

/** So many callers at once for one approval, over HTTP, each with a consumption of its own. */
export function consumers({ callers, processes, kill = false }: ConsumersOptions): () => Promise<void> {
  return faultTest({ database: 'shared', rounds: 1 }, async ({ home }) => {
    const servers: ServerProcess[] = [];
    for (let i = 0; i < processes; i++) servers.push(await home.start());
    const boundary = createServiceKey();
    const approval = createApproval({
      origin: home.origin,
      serviceKey: createServiceKey(),
      overrides: { boundaries: [boundary.publicKey.keyid] },
    });
    const headers = { Authorization: `Bearer ${home.apiKey}`, 'Content-Type': 'application/json' };
    const post = (server: ServerProcess, path: string, body: string) =>
      httpRequest({ method: 'POST', url: `${server.url}/api/v1/${path}`, headers, body });
    const logged = await post(servers[0]!, 'entries', JSON.stringify({ kind: 'approval', content: approval.envelope }));
    expect(logged.status).toBe(201);

    let killed: Promise<void> | undefined;
    /** As a boundary does: what has no answer, or "not now", is sent again, to whoever is there. */
    const consume = async (body: string, at: number): Promise<Answer> => {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        const resent = attempt > 0;
        const server = servers[(at + attempt) % servers.length]!;
        const answer = await post(server, 'consumptions', body).catch(() => undefined);
        if (answer === undefined || answer.status === 503) continue;
        if (kill) killed ??= servers[0]!.kill9();
        const text = answer.body.toString('utf8');
        if (answer.status < 300) return { status: answer.status, receipt: text, resent };
        expect([answer.status, problemCode(answer)]).toEqual([409, 'already_consumed']);
        return { status: 409, receipt: JSON.stringify((JSON.parse(text) as { receipt: object }).receipt), resent };
      }
      throw new Error(`a caller had no answer in ${MOST_ATTEMPTS} attempts`);
    };

    const bodies = Array.from({ length: callers }, () =>
      JSON.stringify({ content: createConsumption({ approval, key: boundary }).envelope }),
    );
    const answers = await Promise.all(bodies.map(consume));
    await killed;
    const winners = answers.flatMap(({ status }, i) => (status < 300 ? [i] : []));
    expect(winners).toHaveLength(1);
    const [winner] = winners as [number];
    // Whoever had to send it again may have won the first time, and not have been told.
    if (!answers[winner]!.resent) expect(answers[winner]!.status).toBe(201);
    const first = readReceipt(answers[winner]!.receipt);
    expect(JSON.parse(first.entry).content).toEqual(JSON.parse(bodies[winner]!).content);
    for (const { receipt } of answers) {
      const { index, entry } = readReceipt(receipt);
      expect([index, entry]).toEqual([first.index, first.entry]);
    }
    const vkey = await home.vkey(servers.at(-1)!);
    expect((await verifyReceipt(answers[winner]!.receipt, { logKeys: [vkey] })).verdict).toBe('authentic');

    // And for ever: the same again is 200, any other 409, at every process.
    for (const server of servers.filter((candidate) => candidate.running())) {
      expect((await post(server, 'consumptions', bodies[winner]!)).status).toBe(200);
      expect((await post(server, 'consumptions', bodies[(winner + 1) % callers]!)).status).toBe(409);
      const about = await httpRequest({ url: `${server.url}/api/v1/log` });
      expect(JSON.parse(about.body.toString('utf8'))).toMatchObject({ size: 2 });
    }
  });
}
