export { createTestDatabase, type TestDatabase, type TestPostgres } from './postgres.ts';
