/**
 * Loaded into a server before its own code (`node --import`), so that what goes wrong inside a process can be had from
 * outside, and the server needs no word of it.
 */

/** How long the event loop is blocked, milliseconds. */
const blockedFor = 5_000

process.on('SIGUSR2', () => {
  process.stderr.write('blocked\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedFor)
})

process.on('SIGHUP', () => void Promise.reject(new Error('nobody handles this')))
