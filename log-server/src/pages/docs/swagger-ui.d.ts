/** What we use of swagger-ui-dist, which comes without types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  export default function SwaggerUi(options: {
    readonly url: string;
    readonly dom_id: string;
    readonly deepLinking: boolean;
    readonly tryItOutEnabled: boolean;
    readonly validatorUrl: null;
    readonly defaultModelsExpandDepth: number;
  }): void;
}
