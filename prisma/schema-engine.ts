import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm'
import { migrationAdapter } from './migration-adapter.ts'

const schemaFile = fileURLToPath(new URL('schema.prisma', import.meta.url))

/**
 * Does something with Prisma's own schema engine, as WebAssembly from the npm registry: the CLI would
 * download a native one from a host that a closed network does not reach. Every connection is ended after it.
 */
export async function withSchemaEngine<Result>(
  databaseUrl: string,
  work: (engine: SchemaEngineModule.SchemaEngine) => Promise<Result>,
): Promise<Result> {
  const { SchemaEngine } = await (loaded ??= loadEngine())
  const adapter = migrationAdapter(databaseUrl)
  try {
    const engine = await SchemaEngine.new(
      { datamodels: [await readSchema()] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(adapter),
    )
    return await work(engine)
  } finally {
    await adapter.close()
  }
}

/** The module has one instance a process: its glue keeps it in a variable of its own, and so do we. */
let loaded: Promise<typeof SchemaEngineModule> | undefined

/** Instantiated by hand because Node does not import `.wasm` without a flag. */
async function loadEngine(): Promise<typeof SchemaEngineModule> {
  const glueUrl = pathToFileURL(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'))
  const glue: Record<string, unknown> = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const { instance } = await WebAssembly.instantiate(await readFile(new URL('schema_engine_bg.wasm', glueUrl)), {
    './schema_engine_bg.js': withoutLingeringTimers(glue as WebAssembly.ModuleImports),
  })
  const setWasm = glue['__wbg_set_wasm'] as (exports: WebAssembly.Exports) => void
  setWasm(instance.exports)
  const start = instance.exports['__wbindgen_start'] as () => void
  start()
  return glue as typeof SchemaEngineModule
}

/** The engine never clears the 10 seconds that it gives its lock, and would keep the process up for them. */
function withoutLingeringTimers(imports: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
  const entries = Object.entries(imports).map(([name, value]): [string, WebAssembly.ImportValue] => {
    if (!name.startsWith('__wbg_setTimeout') || typeof value !== 'function') return [name, value]
    const setTimer = value as (...args: unknown[]) => NodeJS.Timeout
    return [name, (...args: unknown[]) => setTimer(...args).unref()]
  })
  return Object.fromEntries(entries)
}

/** Path and text of `schema.prisma`. */
export async function readSchema(): Promise<[path: string, text: string]> {
  return [schemaFile, await readFile(schemaFile, 'utf8')]
}
