/** Consumptions as an execution boundary would make them. */
import {
  CONSUMPTION_PAYLOAD_TYPE,
  type Consumption,
  createAttempt,
  formatConsumption,
  formatEnvelope,
  formatTime,
  type JsonObject,
  preAuthEncoding,
} from '@assent/verifier';
import type { TestApproval, TestKey } from './approvals.ts';

export type ConsumptionOptions = {
  readonly approval: Pick<TestApproval, 'digest' | 'statement'>;
  /** The boundary's, or several where a test wants what no boundary does. */
  readonly key: TestKey | readonly TestKey[];
  /** Members that replace the defaults. */
  readonly overrides?: Partial<Consumption>;
  /** Signs these bytes instead: for payloads that no builder would make. */
  readonly payload?: Uint8Array;
};

export type TestConsumption = {
  readonly attempt: string;
  readonly payload: Uint8Array;
  /** The content of an entry. */
  readonly envelope: JsonObject;
};

/** Of this approval, by a fresh attempt, now. */
export function createConsumption({ approval, key, overrides, ...options }: ConsumptionOptions): TestConsumption {
  const attempt = overrides?.attempt ?? createAttempt();
  const payload =
    options.payload ??
    formatConsumption({
      approval: approval.digest,
      intent: approval.statement.intent.digest,
      boundary: 'payments-gw-3',
      attempt,
      at: formatTime(Date.now()),
      ...overrides,
    });
  const keys: readonly TestKey[] = 'publicKey' in key ? [key] : key;
  const signatures = keys.map(({ publicKey, sign }) => ({
    publicKey,
    sig: sign(preAuthEncoding(CONSUMPTION_PAYLOAD_TYPE, payload)),
  }));
  const envelope = formatEnvelope({ payloadType: CONSUMPTION_PAYLOAD_TYPE, payload, signatures });
  return { attempt, payload, envelope };
}
