import SwaggerUi from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { byId } from '../shared/dom.ts';
import { mendLibrary } from './mend-library.ts';
import { ownParts } from './own-parts.ts';

SwaggerUi({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  tryItOutEnabled: true,
  // By default it would send the document to a validator on the web.
  validatorUrl: null,
  // Its colours are those of a dark ground only.
  syntaxHighlight: { activated: false },
  plugins: [ownParts],
  layout: 'ownReference',
});
mendLibrary(byId('reference', 'div'));
