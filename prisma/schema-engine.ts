import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm'
import { migrationAdapter } from './migration-adapter.ts'

const schemaFile = fileURLToPath(new URL('schema.prisma', import.meta.url))

/**
 * Prisma's own schema engine, as WebAssembly from the npm registry: the CLI would download a native
 * one from a host that a closed network does not reach. Instantiated by hand because Node does not
 * import `.wasm` without a flag.
 */
export async function openSchemaEngine(databaseUrl: string): Promise<SchemaEngineModule.SchemaEngine> {
  const glueUrl = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const glue: Record<string, unknown> = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const { instance } = await WebAssembly.instantiate(await readFile(new URL('schema_engine_bg.wasm', glueUrl)), {
    './schema_engine_bg.js': glue as WebAssembly.ModuleImports,
  })
  const setWasm = glue['__wbg_set_wasm'] as (exports: WebAssembly.Exports) => void
  setWasm(instance.exports)
  const start = instance.exports['__wbindgen_start'] as () => void
  start()
  const { SchemaEngine } = glue as typeof SchemaEngineModule
  return SchemaEngine.new(
    { datamodels: [await readSchema()] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(migrationAdapter(databaseUrl)),
  )
}

/** Path and text of `schema.prisma`. */
export async function readSchema(): Promise<[path: string, text: string]> {
  return [schemaFile, await readFile(schemaFile, 'utf8')]
}
