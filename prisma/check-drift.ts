/**
 * Fails, with the missing SQL, when `schema.prisma` says something else than the migrations do. To
 * change the schema: edit it, run this, put the SQL it prints into a new folder of `migrations`.
 */
import { schemaDifference } from './schema-difference.ts'

const databaseUrl = process.env['DATABASE_URL']
if (!databaseUrl) {
  console.error('check-drift: DATABASE_URL is not set.')
  process.exit(1)
}
const difference = await schemaDifference(databaseUrl)
if (difference !== undefined) {
  console.error(`schema.prisma differs from prisma/migrations. A migration with this SQL is missing:\n\n${difference}`)
  process.exit(1)
}
console.log('schema.prisma and prisma/migrations agree.')
