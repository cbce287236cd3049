// Holds a description of OpenAPI to the rules of its form, and says what is wrong with it.
// Usage: node check-openapi.mjs FILE
import SwaggerParser from '@apidevtools/swagger-parser';

try {
  const { openapi, paths } = await SwaggerParser.validate(process.argv[2]);
  console.log(JSON.stringify({ openapi, paths: Object.keys(paths) }));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
