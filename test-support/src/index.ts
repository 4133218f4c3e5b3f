export {
  type ApprovalOptions,
  createApproval,
  createServiceKey,
  type TestApproval,
  type TestKey,
} from './approvals.ts';
export {
  type AssertOptions,
  createAuthenticator,
  type TestAuthenticator,
} from './authenticator.ts';
export { type ConsumptionOptions, createConsumption, type TestConsumption } from './consumptions.ts';
export { createTestDatabase, type TestDatabase, type TestPostgres } from './postgres.ts';
export { createTestLog, type TestEntry, type TestLog, type TestReceipt } from './receipts.ts';
export {
  appendLines,
  createTestWitness,
  type TestWitness,
  type TestWitnessOptions,
  withCheckpoint,
} from './witnesses.ts';
