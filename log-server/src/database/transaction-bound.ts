/**
 * Between a statement and the message that ends its implicit transaction, the rows that it wrote are locked. A process
 * that is stopped just there would keep its peers waiting for ever: no other timeout counts that time. So such a session
 * ends before its peers give up waiting (`lock_timeout`, 10 s).
 *
 * PostgreSQL has this from version 17 on; with older ones an operator has to end such a session.
 */
export const TRANSACTION_BOUND =
  "SELECT set_config(name, '8s', false) FROM pg_settings WHERE name = 'transaction_timeout'";
