import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Log } from '../../log.ts';
import { createApi } from '../endpoint.ts';
import type { LargeAnswers } from '../large-answers.ts';
import { entryRoutes } from './entry-routes.ts';
import { treeHeadRoutes } from './tree-head-routes.ts';

/** `/ct/v1/…`: RFC 6962 §4.3 to §4.6 and §4.8. Nothing is added by it, so there is no `add-chain` and no `get-roots`. */
export function ctRoutes(log: Log, large: LargeAnswers): OpenAPIHono {
  const api = createApi();
  treeHeadRoutes(api, log.ct);
  entryRoutes(api, log.ct, large);
  return api;
}
