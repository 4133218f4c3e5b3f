/** Whether the connector still reads arguments as it did when they were approved (formats.md §1; part of the check `intent`). */
import type { Statement } from './approval.ts';
import { type Check, failed } from './report.ts';
import { fail } from './result.ts';

/**
 * The failed check, or undefined. The same arguments mean something else to a connector whose schema has changed, though they
 * are, to the letter, what was approved.
 *
 * @param schema digest of the schema that the connector has now; null: it has none; undefined: the caller does not say.
 */
export function checkSchema(statement: Statement, schema: string | null | undefined): Check | undefined {
  const signed = statement.intent.schema ?? null;
  if (schema === undefined || schema === signed) return undefined;
  const failure = fail('schema_mismatch', "the connector's schema is not the one for which it was decided");
  return failed('intent', failure, { expected: signed ?? 'none', computed: schema ?? 'none' });
}
