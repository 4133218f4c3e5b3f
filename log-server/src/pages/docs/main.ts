import SwaggerUi from 'swagger-ui-dist/swagger-ui-es-bundle.js';

// The reference follows a class where the other pages follow the system's colours by themselves.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = (): void => {
  document.documentElement.classList.toggle('dark-mode', dark.matches);
};
dark.addEventListener('change', follow);
follow();

SwaggerUi({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  tryItOutEnabled: true,
  // By default it would send the document to a validator on the web.
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
});
