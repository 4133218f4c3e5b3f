import { parentPort, workerData } from 'node:worker_threads';
import { promptPrimitives } from '../native-primitives.ts';
import { Problem } from '../problems.ts';
import type { AppendRights } from './append-rights.ts';
import { Contents, type Encode } from './contents.ts';
import { examineBody } from './examine.ts';
import { examineConsumption } from './examine-consumption.ts';
import type { ExamineAnswer, ExaminedAs, ExamineOrders, WorkerSettings } from './worker-messages.ts';

const rules = workerData as WorkerSettings;

// Signatures are verified on this very thread: a trip to the thread pool wakes another one for each of them.
async function answer(
  id: number,
  body: Uint8Array,
  rights: AppendRights,
  as: ExaminedAs,
  encode: Encode,
): Promise<ExamineAnswer> {
  try {
    const examined =
      as === 'consumption'
        ? await examineConsumption(body, rights, promptPrimitives, encode)
        : await examineBody(body, rules, rights, promptPrimitives, encode);
    return { id, examined };
  } catch (error) {
    if (!(error instanceof Problem))
      return { id, defect: error instanceof Error ? (error.stack ?? '') : 'not an Error' };
    const { code, message, extras } = error;
    return { id, problem: { code, message, extras } };
  }
}

parentPort?.on('message', async ({ firstId, bodies, ends, rights, as }: ExamineOrders) => {
  const answers: ExamineAnswer[] = [];
  // Hardly any canonical form is longer than what was sent.
  const contents = new Contents(bodies.length);
  // One after the other: all that was read of a record is garbage before the next one is read.
  for (const [i, end] of ends.entries()) {
    const body = bodies.subarray(i === 0 ? 0 : ends[i - 1], end);
    answers.push(await answer(firstId + i, body, rights[i]!, as[i]!, contents.add));
  }
  parentPort?.postMessage(answers, contents.buffers);
});
