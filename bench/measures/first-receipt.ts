import { createApproval } from '../../test-support/src/approvals.ts';
import { createAuthenticator } from '../../test-support/src/authenticator.ts';
import { startServer } from '../processes.ts';
import { eachRun, type MeasureGroup } from './measure-group.ts';

const KEY = 'first start to first receipt';

/** From the start of the program on an empty data directory to the answer to its first append. */
export const firstReceipt: MeasureGroup = {
  name: 'start',
  rows: [{ key: KEY, name: 'First start to first receipt', unit: 's', atMost: 5 }],
  measure: eachRun(async (note) => {
    const start = performance.now();
    const server = await startServer();
    const { envelope } = createApproval({ origin: server.origin, authenticator: createAuthenticator() });
    const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/entries`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'approval', content: envelope }),
    });
    note(KEY, (performance.now() - start) / 1000);
    if (response.status !== 201) throw new Error(`the first append answered ${response.status}`);
    await response.arrayBuffer();
    await server.stop();
  }),
};
