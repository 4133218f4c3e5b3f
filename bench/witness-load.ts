/**
 * Load on a witness, in a process of its own: makes the checkpoints before the clock runs, has them sent, and prints one
 * LoadResult. `tsx bench/witness-load.ts '<WitnessLoadOrder as JSON>'`
 */
import { send } from './generator.ts';
import { request, type SendOrder } from './load-result.ts';
import { createWitnessedLogs, offersOf } from './witnessed-logs.ts';

export type WitnessLoadOrder = Omit<SendOrder, 'requests'> & {
  readonly logs: number;
  /** The first round of {@link offersOf}, and how many. */
  readonly from: number;
  readonly rounds: number;
};

const { logs, from, rounds, ...order } = JSON.parse(process.argv[2]!) as WitnessLoadOrder;
const offers = offersOf(createWitnessedLogs(logs), from, rounds);
const requests = offers.map((body) => request('POST', '/add-checkpoint', {}, body));
process.stdout.write(`${JSON.stringify(await send({ ...order, requests }))}\n`);
